import { type Monotonic, monotonic } from '../../core/time.ts';
import type { Timeline } from './timeline.ts';

/** CLOCK_MONOTONIC of one kernel: runs a little too fast or too slow, and began at its own zero. */
export class LocalClock {
  readonly #timeline: Timeline;
  /** Local milliseconds per millisecond of the world. */
  readonly rate: number;
  #base: number;
  #zero = 0;

  constructor(timeline: Timeline, rate: number, base: number) {
    this.#timeline = timeline;
    this.rate = rate;
    this.#base = base;
  }

  now(): Monotonic {
    return monotonic(this.#base + (this.#timeline.now - this.#zero) * this.rate);
  }

  /** The instant of the world at which this clock shows `local`. */
  worldTime(local: number): number {
    return this.#zero + (local - this.#base) / this.rate;
  }

  /** After a boot the clock starts anew. */
  restart(base: number): void {
    this.#base = base;
    this.#zero = this.#timeline.now;
  }
}
