import type { Clock } from '../ports/clock.ts';
import type { Monotonic } from '../core/time.ts';

/**
 * One event at a time, in order of arrival; what an event causes at once is done before the next one is taken.
 * Owns the one timer of its state machine.
 */
export class SerialQueue<Event> {
  readonly #clock: Clock;
  readonly #handle: (event: Event) => void;
  readonly #wakeAt: () => Monotonic;
  readonly #tick: Event;
  readonly #events: Event[] = [];
  #running = false;
  #stopped = false;
  readonly #onLate: (lateMs: number) => void;
  #cancelTimer: (() => void) | undefined;
  #timerAt: Monotonic | undefined;

  /** @param onLate told how late each tick came: the process did not get to run */
  constructor(
    clock: Clock,
    tick: Event,
    handle: (event: Event) => void,
    wakeAt: () => Monotonic,
    onLate: (lateMs: number) => void = () => undefined,
  ) {
    this.#onLate = onLate;
    this.#clock = clock;
    this.#tick = tick;
    this.#handle = handle;
    this.#wakeAt = wakeAt;
  }

  push(event: Event): void {
    if (this.#stopped) return;
    this.#events.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#handle(next);
    } finally {
      this.#running = false;
      this.#arm();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(): void {
    const at = this.#stopped ? Number.POSITIVE_INFINITY : this.#wakeAt();
    if (at === this.#timerAt && this.#cancelTimer) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = at as Monotonic;
    if (!Number.isFinite(at) && at > 0) return;
    this.#cancelTimer = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#cancelTimer = undefined;
      this.#onLate(Math.max(0, this.#clock.now() - at));
      this.push(this.#tick);
    });
  }
}
