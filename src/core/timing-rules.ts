/**
 * What the durations must satisfy together so that the protocol keeps its promises (failure model: Election; Node lease
 * and fence).
 */
import { formatDuration } from './time.ts';
import type { Timing } from './timing.ts';

export interface TimingProblem {
  readonly value: keyof Timing;
  /** The rule that is broken, and what to write instead. */
  readonly message: string;
}

/** A master is acknowledged every fifth of the leader lease; its authority must outlive the loss of one of these rounds. */
const LARGEST_MARGIN_SHARE = 0.6;

const RULES: readonly ((timing: Timing) => TimingProblem | undefined)[] = [
  ({ heartbeatMs, leaseMs }) =>
    heartbeatMs * 3 <= leaseMs
      ? undefined
      : {
          value: 'heartbeatMs',
          message:
            `${formatDuration(heartbeatMs)} is more than a third of the lease (${formatDuration(leaseMs)}), so two lost ` +
            `heartbeats would end it; write at most ${formatDuration(Math.floor(leaseMs / 3))}, ` +
            `or a --lease-duration of at least ${formatDuration(heartbeatMs * 3)}`,
        },
  ({ leaderLeaseMs, leaseMs }) =>
    leaderLeaseMs * 2 <= leaseMs
      ? undefined
      : {
          value: 'leaderLeaseMs',
          message:
            `${formatDuration(leaderLeaseMs)} is more than half of the lease (${formatDuration(leaseMs)}), so a lost ` +
            `master would not be replaced before leases end; write at most ${formatDuration(Math.floor(leaseMs / 2))}`,
        },
  ({ marginMs, leaderLeaseMs }) =>
    marginMs <= leaderLeaseMs * LARGEST_MARGIN_SHARE
      ? undefined
      : {
          value: 'marginMs',
          message:
            `${formatDuration(marginMs)} leaves a master less than two rounds of the leader lease ` +
            `(${formatDuration(leaderLeaseMs)}); write at most ${formatDuration(Math.floor(leaderLeaseMs * LARGEST_MARGIN_SHARE))}`,
        },
];

export const timingProblems = (timing: Timing): readonly TimingProblem[] => RULES.flatMap((rule) => rule(timing) ?? []);
