import { type Monotonic, monotonic } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** Longest delay that the platform's timer takes; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** CLOCK_MONOTONIC of the host, shared by all its processes. */
export const systemClock: Clock = {
  now: (): Monotonic => monotonic(Number(process.hrtime.bigint()) / 1e6),
  wallNow: () => new Date(),
  after(ms, fire) {
    const timer = setTimeout(fire, Math.min(MAX_DELAY_MS, Math.ceil(ms)));
    return () => clearTimeout(timer);
  },
};
