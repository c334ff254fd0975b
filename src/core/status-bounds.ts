/** What of a status is bounded, so that the worst one still fits into one object of etcd; as in the CRDs. */

/** Moves of `VipPool.status.history`, the newest. */
export const MAX_HISTORY = 64;

/** Results of `NodeHealth.status.checks`. */
export const MAX_CHECK_RESULTS = 512;

/** Characters of the output of a check. */
export const MAX_CHECK_OUTPUT = 200;

/** Entries of `NodeHealth.status.heldOff`. */
export const MAX_HOLD_OFFS = 64;
