import type { Clock } from '../../ports/clock.ts';
import type { ProbeContext } from '../../ports/check-probe.ts';

/** Checks share a look that began no longer ago. */
const SHARED_MS = 500;

interface Look<T> {
  readonly startedAt: number;
  readonly outcome: Promise<T>;
  /** Checks that have had it: what is old to a check is no second run of it. */
  readonly users: Set<string>;
  ended: boolean;
}

/** Looks at the same thing by several checks, of several pools or not: one serves them all, and each of them once. */
export class SharedLooks<T> {
  readonly #clock: Clock;
  readonly #last = new Map<string, Look<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param key what is looked at, and how. One that has not come to its end is shared in any case. */
  at(key: string, { pool, check }: ProbeContext, look: () => Promise<T>): Promise<T> {
    const user = `${pool}/${check}`;
    const last = this.#last.get(key);
    const shared =
      last && (!last.ended || (this.#isFresh(last) && !last.users.has(user))) ? last : this.#begin(key, look);
    shared.users.add(user);
    return shared.outcome;
  }

  #isFresh({ startedAt }: Look<T>): boolean {
    return this.#clock.now() - startedAt < SHARED_MS;
  }

  #begin(key: string, look: () => Promise<T>): Look<T> {
    const outcome = look().finally(() => (begun.ended = true));
    const begun: Look<T> = { startedAt: this.#clock.now(), outcome, users: new Set(), ended: false };
    this.#last.set(key, begun);
    return begun;
  }
}
