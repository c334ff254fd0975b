/** What the product promises with the timeouts that the labs use, in milliseconds. */
export const HEARTBEAT_MS = 200;
export const LEASE_MS = 1_000;
export const MARGIN_MS = 100;
export const ELECTION_TTL_MS = 3_000;
/** etcd looks for ended leases twice a second and starts counting anew for one that it has just renewed. */
const ETCD_GRANULARITY_MS = 1_000;
const REACTION_MS = 50;

/** The holder let go in order, the next one binds. */
export const MOVE_MS = 50;
/** Nothing is heard of the holder any more. */
export const TAKEOVER_MS = LEASE_MS * 1.01 + MARGIN_MS + REACTION_MS;
/** The same, and the master is gone with it: the lock has to fall to the next controller first. */
export const TAKEOVER_WITH_MASTER_MS = ELECTION_TTL_MS + ETCD_GRANULARITY_MS + REACTION_MS;

/** Test machines are shared and noisy: a test fails at three times the promised time, reports judge the promise itself. */
export const lenient = (promisedMs: number): number => promisedMs * 3;
