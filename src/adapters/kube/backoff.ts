/** Exponential back-off with jitter, so that controllers that lost the same server do not return in step. */
export interface BackoffPolicy {
  /** Upper bound of the first delay. */
  readonly firstMs: number;
  /** Upper bound of every delay. */
  readonly maxMs: number;
}

/**
 * Delay before try number `failures` + 1, between half and all of min(maxMs, firstMs x 2^(failures - 1)).
 * `fraction` is uniform in [0, 1).
 */
export function backoffMs(policy: BackoffPolicy, failures: number, fraction: number): number {
  const ceiling = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.max(0, failures - 1));
  return ceiling / 2 + (ceiling / 2) * fraction;
}
