/** The three numbers that bound every failover, the same on controllers and agents. */
export interface Timing {
  /** An agent sends a heartbeat this often. Smaller: lateness is seen earlier, more traffic. Default 200. */
  readonly heartbeatMs: number;
  /** Length of a node lease. Smaller: faster takeover, more false alarms on a busy host. At least 3 heartbeats. Default 1000. */
  readonly leaseMs: number;
  /** Added to every wait for somebody else's lease. Default 100. */
  readonly marginMs: number;
}

/** Clock rates of two hosts differ by at most this share (design 3.1). */
export const CLOCK_DRIFT = 0.005;

/** How long a controller that hears nothing of a lease waits before it counts it as ended: never less than the holder's own end. */
export const revokeAfterMs = (timing: Timing): number => timing.leaseMs * (1 + 2 * CLOCK_DRIFT) + timing.marginMs;
