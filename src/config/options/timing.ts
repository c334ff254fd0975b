import { formatDuration } from '../../core/time.ts';
import type { Timing } from '../../core/timing.ts';
import { text, type Contradiction, type OptionTable } from '../option.ts';
import { duration } from '../values/scalars.ts';

/** How fast a lost host is noticed. */
export const TIMING: OptionTable<Timing> = {
  heartbeatMs: {
    flag: 'heartbeat-interval',
    type: duration({ minMs: 10, maxMs: 60_000 }),
    default: text('200ms'),
    meaning:
      'Time between two heartbeats of an agent. At most a third of the lease, so that two lost heartbeats do no harm. ' +
      'The same on all controllers and agents.',
  },
  leaseMs: {
    flag: 'lease-duration',
    type: duration({ minMs: 50, maxMs: 600_000 }),
    default: text('1s'),
    meaning:
      'How long an agent may hold its VIPs after the last heartbeat that the controllers acknowledged. Shorter: a ' +
      'lost host is replaced sooner. Longer: more patience with a slow network. The same on all controllers and agents.',
  },
  marginMs: {
    flag: 'lease-margin',
    type: duration({ minMs: 5, maxMs: 60_000 }),
    default: text('100ms'),
    meaning:
      'Time that controllers wait beyond the end of a lease before they give its VIPs to another host; covers ' +
      'scheduling delays and clocks that run at different rates. The same on all controllers and agents.',
  },
};

/** What the three durations must satisfy together. Checks only what is there. */
export function timingContradictions(config: Partial<Timing>): readonly Contradiction[] {
  const { heartbeatMs, leaseMs, marginMs } = config;
  if (leaseMs === undefined) return [];
  const lease = formatDuration(leaseMs);
  const found: Contradiction[] = [];
  if (heartbeatMs !== undefined && heartbeatMs * 3 > leaseMs) {
    found.push({
      flag: TIMING.heartbeatMs.flag,
      message:
        `${formatDuration(heartbeatMs)} is more than a third of the lease (${lease}), so two lost heartbeats ` +
        `would end it; write at most ${formatDuration(Math.floor(leaseMs / 3))}, ` +
        `or a --lease-duration of at least ${formatDuration(heartbeatMs * 3)}`,
    });
  }
  if (marginMs !== undefined && marginMs >= leaseMs) {
    found.push({
      flag: TIMING.marginMs.flag,
      message: `${formatDuration(marginMs)} is not shorter than the lease (${lease}); write less than ${lease}`,
    });
  }
  return found;
}
