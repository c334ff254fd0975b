/** How long a certificate of an agent, a controller or etcd is good: so long may everything that renews it be away, less a day. */
export const LEAF_MS = 14 * 86_400_000;
/** Clocks of other hosts may be behind that of the one that certifies. */
export const BACKDATED_MS = 3_600_000;

const RENEW_AFTER_MS = 86_400_000;
/** Of a certificate that lives shorter, because its authority ends. */
const RENEW_SHARE = 1 / 3;
/** Over this time renewals are spread when all hosts have a reason at once. */
const SPREAD_MS = 600_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 600_000;
/** Who has no good certificate is out of service. */
const URGENT_RETRY_MAX_MS = 5_000;

/** What is known of a certificate. Times are wall clock, in ms since 1970. */
export interface LeafTerm {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Its authority among those that are trusted: the one that certifies now, another one, or none. */
  readonly authority: 'first' | 'other' | 'none';
}

/** Whether connections can be made with it. */
export const isGood = (leaf: LeafTerm | undefined, nowMs: number): boolean =>
  leaf !== undefined && leaf.authority !== 'none' && leaf.fromMs <= nowMs && nowMs < leaf.untilMs;

/** When one certificate is renewed, and tried again. */
export class RenewalPlan {
  readonly #share: number;
  #otherSinceMs: number | undefined;
  #failures = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;

  /** @param share in [0, 1), another one on every host: keeps them from asking all at once */
  constructor(share: number) {
    this.#share = share;
  }

  /** Milliseconds until a new one should be obtained; 0: now. */
  dueInMs(leaf: LeafTerm | undefined, nowMs: number): number {
    this.#otherSinceMs = leaf?.authority === 'other' ? (this.#otherSinceMs ?? nowMs) : undefined;
    return Math.max(0, this.#usualAtMs(leaf, nowMs) - nowMs, this.#retryAtMs - nowMs);
  }

  /** It could not be obtained. @param share in [0, 1), another one each time */
  failed(leaf: LeafTerm | undefined, nowMs: number, share: number): void {
    const maxMs = isGood(leaf, nowMs) ? RETRY_MAX_MS : URGENT_RETRY_MAX_MS;
    const waitMs = Math.min(maxMs, RETRY_MIN_MS * 2 ** Math.min(this.#failures++, 20));
    this.#retryAtMs = nowMs + waitMs * (0.5 + share / 2);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#retryAtMs = Number.NEGATIVE_INFINITY;
  }

  #usualAtMs(leaf: LeafTerm | undefined, nowMs: number): number {
    if (leaf === undefined || !isGood(leaf, nowMs)) return nowMs;
    const afterMs = Math.min(RENEW_AFTER_MS, (leaf.untilMs - leaf.fromMs) * RENEW_SHARE);
    const byAgeMs = leaf.fromMs + afterMs * (0.9 + this.#share * 0.2);
    return Math.min(byAgeMs, (this.#otherSinceMs ?? Number.POSITIVE_INFINITY) + this.#share * SPREAD_MS);
  }
}
