import { type Monotonic, monotonic } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** Longest delay that the platform's timer takes; a longer one is armed again. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** CLOCK_MONOTONIC of the host, shared by all its processes. */
export const systemClock: Clock = {
  now: (): Monotonic => monotonic(Number(process.hrtime.bigint()) / 1e6),
  wallNow: () => new Date(),
  after(ms, fire) {
    const due = systemClock.now() + ms;
    const arm = (remainingMs: number): NodeJS.Timeout =>
      setTimeout(
        () => {
          // The platform counts whole milliseconds of a cached time: a timer may be early by up to one of them.
          const remaining = due - systemClock.now();
          if (remaining > 0) timer = arm(remaining);
          else fire();
        },
        Math.min(MAX_DELAY_MS, Math.ceil(remainingMs)),
      );
    let timer = arm(ms);
    return () => clearTimeout(timer);
  },
};
