/**
 * The agent's right to hold VIPs (failure model: Node lease and fence): valid until the send time of the newest
 * heartbeat that a majority of the controllers has acknowledged, plus the lease. Send time, never the answer's arrival:
 * then nobody who waits `leaseMs` after that heartbeat can still find us holding.
 */
import type { ControllerId } from '../ids.ts';
import { reachedBy } from '../reached-by.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';

export function leaseUntil(ackedAt: ReadonlyMap<ControllerId, Monotonic>, quorum: number, leaseMs: number): Monotonic {
  const decisive = reachedBy(ackedAt, quorum);
  return decisive === undefined ? NEVER : addMs(decisive, leaseMs);
}
