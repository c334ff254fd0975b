/** The numbers that bound every failover, the same on controllers and agents. */
export interface Timing {
  /** An agent sends a heartbeat this often. Smaller: lateness is seen earlier, more traffic. Default 200. */
  readonly heartbeatMs: number;
  /** Length of a node lease. Smaller: faster takeover, more false alarms on a busy host. At least 3 heartbeats. Default 1000. */
  readonly leaseMs: number;
  /** Added to every wait for somebody else's lease or promise. Default 100. */
  readonly marginMs: number;
  /** Length of a promise to the master; at most half of the lease, so that a new one is there when leases end. Default 500. */
  readonly leaderLeaseMs: number;
}

export type TimingProfile = 'Default' | 'Fast' | 'Turbo' | 'Relaxed';

export const TIMING_PROFILES: Readonly<Record<TimingProfile, Timing>> = {
  Default: { heartbeatMs: 200, leaseMs: 1_000, marginMs: 100, leaderLeaseMs: 500 },
  Fast: { heartbeatMs: 50, leaseMs: 300, marginMs: 50, leaderLeaseMs: 150 },
  Turbo: { heartbeatMs: 20, leaseMs: 100, marginMs: 25, leaderLeaseMs: 50 },
  Relaxed: { heartbeatMs: 1_000, leaseMs: 5_000, marginMs: 500, leaderLeaseMs: 2_500 },
};

/**
 * Within this, milliseconds, the VIPs of a lost host are answered elsewhere. What lies beyond the end of the lease and its
 * margin is for busy machines; the aim is 50 ms less, 40 with Turbo.
 */
export const TAKEOVER_BOUNDS_MS: Readonly<Record<TimingProfile, number>> = {
  Default: 1_200,
  Fast: 450,
  Turbo: 240,
  Relaxed: 5_600,
};

/** The same for a host whose service network carries nothing any more: four rounds of questions, and a hand-over. */
export const CUT_OFF_BOUNDS_MS: Readonly<Record<TimingProfile, number>> = {
  Default: 1_000,
  Fast: 350,
  Turbo: 200,
  Relaxed: 4_800,
};

/** Clock rates of two hosts differ by at most this share (failure model: Assumptions). */
export const CLOCK_DRIFT = 0.005;

/** What the slowest clock counts as `ms` has passed on the fastest one after this long. */
const beyond = (ms: number, { marginMs }: Timing): number => ms * (1 + 2 * CLOCK_DRIFT) + marginMs;

/** How long a controller that hears nothing of a lease waits before it revokes it: never less than the holder's own end. */
export const revokeAfterMs = (timing: Timing): number => beyond(timing.leaseMs, timing);

/** A node of which nothing was heard for so long may be lost: its heartbeat is overdue. */
export const quietAfterMs = ({ heartbeatMs }: Timing): number => 1.5 * heartbeatMs;

/** How long a voter keeps its promise to a master: longer than the master counts on it. */
export const promiseMs = (timing: Timing): number => beyond(timing.leaderLeaseMs, timing);

/** A: how long a controller without memory abstains, and the longest life of a vote or a reported revocation. */
export const abstentionMs = (timing: Timing): number => beyond(Math.max(timing.leaseMs, timing.leaderLeaseMs), timing);

/** Longer than any confirmation or counted bar of a witness's earlier run: until then it is silent (failure model: Hold). */
export const witnessSilenceMs = (timing: Timing): number => beyond(revokeAfterMs(timing), timing);

/** The master beats this often: several beats may be lost within one leader lease. */
export const beatMs = ({ leaderLeaseMs }: Timing): number => leaderLeaseMs / 5;

/**
 * Without a fence the lifetimes of the addresses are all that ends them on a host whose agent hangs: whole seconds, and
 * no shorter than a lease with one refresh to spare.
 */
export const unfencedLifetimeMs = (configuredMs: number, { leaseMs }: Timing): number =>
  Math.min(configuredMs, Math.max(2_000, Math.ceil((1.5 * leaseMs) / 1_000) * 1_000));

/** Questions that go out in rounds, and how long their answers may take. */
export interface Rounds {
  readonly roundMs: number;
  readonly answerMs: number;
}

/** Shorter rounds would be lost in the noise of a busy host. */
const LEAST_ROUND_MS = 30;

/**
 * Neighbours on the service network: the rounds that it takes to lose it are over within a lease, and what is late has
 * most of a round. Default 200 and 150.
 */
export function reachTiming({ leaseMs }: Timing): Rounds {
  const roundMs = Math.max(leaseMs / 5, LEAST_ROUND_MS);
  return { roundMs, answerMs: 0.75 * roundMs };
}

/** The multicast of the master, which all nodes answer and no VIP depends on. Default 1000 and 250. */
export function multicastTiming({ heartbeatMs }: Timing): Rounds {
  const roundMs = Math.max(5 * heartbeatMs, 250);
  return { roundMs, answerMs: roundMs / 4 };
}

/** The same where the holder was found alive not long ago: answers may be late, or lost several times in a row. */
export const insistenceMs = (timing: Timing): number => 10 * probeMs(timing);

/** How long a prober listens for an answer before a takeover binds. */
export const probeMs = ({ marginMs }: Timing): number => Math.min(20, marginMs / 2.5);
