import { randomBytes } from 'node:crypto';
import { monotonic } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

/** The machine's clock, for tests that work on real files, processes and sockets. */
export const realClock: Clock = {
  now: () => monotonic(performance.now()),
  wallNow: () => new Date(),
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};

export const realRandom: Random = {
  hex: (bytes) => randomBytes(bytes).toString('hex'),
  fraction: () => Math.random(),
};
