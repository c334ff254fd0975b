/** Heartbeats that may still be answered. A list, since a copy is made for each heartbeat: that of a map takes far longer. */
import type { Epoch } from '../ids.ts';
import type { Monotonic } from '../time.ts';

export interface Round {
  readonly sequence: number;
  readonly sentAt: Monotonic;
  readonly epoch: Epoch;
}

/** Mostly the newest one is asked for, which is the last. */
export const roundOf = (rounds: readonly Round[], sequence: number): Round | undefined =>
  rounds.findLast((round) => round.sequence === sequence);

/** With a round that begins now, and without those that were sent at `forgottenAt` or before. */
export const withRound = (rounds: readonly Round[], begun: Round, forgottenAt: Monotonic): readonly Round[] => [
  ...rounds.filter(({ sentAt }) => sentAt > forgottenAt),
  begun,
];
