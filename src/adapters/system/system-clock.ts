import { monotonic, type Monotonic } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** The clocks and timers of this host. */
export class SystemClock implements Clock {
  now(): Monotonic {
    // Node's high-resolution time is CLOCK_MONOTONIC, the same for every process of this boot.
    return monotonic(Number(process.hrtime.bigint()) / 1e6);
  }

  wallNow(): Date {
    return new Date();
  }

  after(ms: number, fire: () => void): () => void {
    const due = this.now() + ms;
    const arm = (remainingMs: number): NodeJS.Timeout =>
      setTimeout(() => {
        // Node counts timers in whole milliseconds of a cached time and may be early by a fraction.
        const early = due - this.now();
        if (early > 0) timer = arm(early);
        else fire();
      }, Math.ceil(remainingMs));
    let timer = arm(ms);
    return () => clearTimeout(timer);
  }
}
