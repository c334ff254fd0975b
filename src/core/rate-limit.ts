import type { Monotonic } from './time.ts';

/** So much at once, and so much a second for ever. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket: full at first. */
export class RateLimit {
  readonly #rate: Rate;
  #tokens: number;
  #at: Monotonic | undefined;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#tokens = rate.burst;
  }

  /** Whether there is room for `cost`; takes it where there is. */
  take(now: Monotonic, cost = 1): boolean {
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (now - (this.#at ?? now)) * (perSecond / 1_000));
    this.#at = now;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** Whether nothing was taken for so long that it is like new. */
  isFull(now: Monotonic): boolean {
    return this.take(now, 0) && this.#tokens >= this.#rate.burst;
  }
}
