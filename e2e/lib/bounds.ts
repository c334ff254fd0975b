import { TAKEOVER_BOUNDS_MS } from '../../src/core/timing.ts';

/** What the product promises with the timeouts that the labs use, in milliseconds. */
export const HEARTBEAT_MS = 200;
export const LEASE_MS = 1_000;
export const MARGIN_MS = 100;
export const LEADER_LEASE_MS = 500;

/** The holder let go in order, the next one binds. */
export const MOVE_MS = 50;
/** A split heals: clients on the side that a VIP has left find it again. */
export const HEALED_MS = 50;
/** Nothing is heard of the holder any more, be it the master's host as well: that is replaced while leases run out. */
export const TAKEOVER_MS = TAKEOVER_BOUNDS_MS.Default;

/** Test machines are shared and noisy: a test fails at three times the promised time, reports judge the promise itself. */
export const lenient = (promisedMs: number): number => promisedMs * 3;
