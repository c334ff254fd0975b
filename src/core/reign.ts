/**
 * A master's authority (failure model: Election): a majority of the controllers has acknowledged its beats of this very
 * term not long ago. Votes alone give none. Once lapsed it never comes back in that term.
 */
import type { ControllerId } from './ids.ts';
import type { KnownLease } from './peer-messages.ts';
import { reachedBy } from './reached-by.ts';
import type { Term } from './term.ts';
import { addMs, type Monotonic, NEVER } from './time.ts';
import type { Timing } from './timing.ts';
import { withEntry } from './with-entry.ts';

export interface Reign {
  readonly term: Term;
  /** The votes count until then: authority must have begun. */
  readonly votesUntil: Monotonic;
  /** NEVER until a majority has acknowledged. */
  readonly authorityUntil: Monotonic;
  readonly sequence: number;
  /** Send times of the beats of late. */
  readonly sentAt: ReadonlyMap<number, Monotonic>;
  /** Send time of the newest acknowledged beat, per controller. */
  readonly ackedAt: ReadonlyMap<ControllerId, Monotonic>;
  readonly beatAt: Monotonic;
  /** Every lease that a voter knew when it voted. */
  readonly inherited: readonly KnownLease[];
}

/** Older beats, counted in periods, cannot extend anything any more. */
const PERIODS_KEPT = 16;

export const newReign = (
  term: Term,
  votesUntil: Monotonic,
  inherited: readonly KnownLease[],
  now: Monotonic,
): Reign => ({
  term,
  votesUntil,
  authorityUntil: NEVER,
  sequence: 0,
  sentAt: new Map(),
  ackedAt: new Map(),
  beatAt: now,
  inherited,
});

export const hasAuthority = (reign: Reign, now: Monotonic): boolean => now < reign.authorityUntil;

/** Neither acting nor able to begin: it is over for good. */
export const hasLapsed = (reign: Reign, now: Monotonic): boolean => now >= reignEnd(reign);

/** When it is over unless more beats are acknowledged. */
export const reignEnd = (reign: Reign): Monotonic =>
  reign.authorityUntil === NEVER ? reign.votesUntil : reign.authorityUntil;

export function beatSent(reign: Reign, periodMs: number, now: Monotonic): Reign {
  const sequence = reign.sequence + 1;
  const sentAt = new Map<number, Monotonic>();
  // By age: where much changes many are under way at the same time.
  for (const [known, at] of reign.sentAt) if (now - at < PERIODS_KEPT * periodMs) sentAt.set(known, at);
  sentAt.set(sequence, now);
  return { ...reign, sequence, sentAt, beatAt: addMs(now, periodMs) };
}

/** @param quorum acknowledgements that give authority */
export function beatAcknowledged(
  reign: Reign,
  from: ControllerId,
  sequence: number,
  quorum: number,
  timing: Timing,
): Reign {
  const sentAt = reign.sentAt.get(sequence);
  if (sentAt === undefined || sentAt <= (reign.ackedAt.get(from) ?? NEVER)) return reign;
  const ackedAt = withEntry(reign.ackedAt, from, sentAt);
  const decisive = reachedBy(ackedAt, quorum);
  const authorityUntil =
    decisive === undefined ? reign.authorityUntil : addMs(decisive, timing.leaderLeaseMs - timing.marginMs);
  return { ...reign, ackedAt, authorityUntil };
}
