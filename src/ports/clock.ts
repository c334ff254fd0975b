import type { Monotonic } from '../core/time.ts';

export interface Clock {
  /** CLOCK_MONOTONIC, milliseconds with fractions; the same for every process of this boot. */
  now(): Monotonic;
  /** Wall clock, for people only: nothing is decided by it. */
  wallNow(): Date;
  /** Calls `fire` once, `ms` from now or as soon after as the process gets to run. The result cancels it. */
  after(ms: number, fire: () => void): () => void;
}
