import { addMs, monotonic, type Monotonic } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';

interface Timer {
  readonly at: Monotonic;
  readonly fire: () => void;
}

/** Time that moves only when a test moves it. Starts at 0, on 2026-01-01T00:00:00Z. */
export class VirtualClock implements Clock {
  #now = monotonic(0);
  readonly #timers = new Set<Timer>();

  now(): Monotonic {
    return this.#now;
  }

  wallNow(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#now);
  }

  after(ms: number, fire: () => void): () => void {
    const timer = { at: addMs(this.#now, ms), fire };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that have not fired and were not cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time forward, firing what falls due in order; promises settle between two timers. */
  async advance(ms: number): Promise<void> {
    const end = addMs(this.#now, ms);
    for (;;) {
      await settle();
      const next = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.fire();
    }
    this.#now = end;
  }
}

/** Lets everything that waits for promises alone come to rest. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
