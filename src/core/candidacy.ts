/**
 * Standing for master (failure model: Election):
 *
 *   waiting --nobody is followed--> pre-vote --majority would vote--> vote --majority voted--> (reign)
 *      ^                               |                               |
 *      +-------- no majority in time, a higher term, a promise --------+
 *
 * Two rounds without a majority: whoever holds the lock in etcd goes first, the others wait.
 */
import { type Ballot, cast, followed, voteRefusal } from './ballot.ts';
import { hashText } from './hash.ts';
import type { ControllerId } from './ids.ts';
import type { KnownLease, VoteAnswer, VoteRequest } from './peer-messages.ts';
import { compareInstances, compareTerms, type Instance, type Term } from './term.ts';
import { addMs, type Monotonic, NEVER } from './time.ts';
import type { Timing } from './timing.ts';

export interface Candidacy {
  readonly stage: 'waiting' | 'pre-vote' | 'vote';
  readonly round: number;
  readonly term: Term | undefined;
  /** When this stage's requests were first sent. */
  readonly sentAt: Monotonic;
  /** Requests are repeated then, to those who have not granted. */
  readonly repeatAt: Monotonic;
  /** Who granted, with its table. */
  readonly granted: ReadonlyMap<ControllerId, readonly KnownLease[]>;
  /** Rounds without a majority since a master was followed last. */
  readonly failures: number;
  /** Not before. */
  readonly standAt: Monotonic;
}

export const noCandidacy: Candidacy = {
  stage: 'waiting',
  round: 0,
  term: undefined,
  sentAt: NEVER,
  repeatAt: NEVER,
  granted: new Map(),
  failures: 0,
  standAt: NEVER,
};

/** From the second failure on, and before any master was ever followed, the lock decides who goes first. */
const ROUNDS_BEFORE_LOCK = 2;

export const roundMs = (timing: Timing): number => timing.leaderLeaseMs / 5;
const repeatMs = (timing: Timing): number => Math.max(4, timing.leaderLeaseMs / 25);

export interface LockView {
  /** Who holds the lock as far as we know; undefined where the store does not answer. */
  readonly holder: ControllerId | undefined;
}

/** When we stand if nothing changes; Infinity while a round is under way. */
export function standAt(
  candidacy: Candidacy,
  ballot: Ballot,
  self: Instance,
  lock: LockView,
  timing: Timing,
): Monotonic {
  if (candidacy.stage !== 'waiting') return Number.POSITIVE_INFINITY as Monotonic;
  const earliest = Math.max(candidacy.standAt, ballot.abstainUntil, ballot.promise?.until ?? NEVER);
  const lockDecides = candidacy.failures >= ROUNDS_BEFORE_LOCK || !ballot.promise;
  const waits = lockDecides && lock.holder !== undefined && lock.holder !== self.id;
  return (waits ? earliest + 2 * timing.leaderLeaseMs : earliest) as Monotonic;
}

export function stand(candidacy: Candidacy, ballot: Ballot, self: Instance, now: Monotonic, timing: Timing): Candidacy {
  return {
    ...candidacy,
    stage: 'pre-vote',
    round: candidacy.round + 1,
    term: { number: (ballot.highestTerm?.number ?? 0) + 1, instance: self },
    sentAt: now,
    repeatAt: addMs(now, repeatMs(timing)),
    granted: new Map([[self.id, []]]),
  };
}

/** The pre-vote succeeded: asks for real. The candidate's own vote comes first. */
export function campaign(
  candidacy: Candidacy,
  ballot: Ballot,
  self: Instance,
  own: readonly KnownLease[],
  now: Monotonic,
  timing: Timing,
): readonly [Candidacy, Ballot] | undefined {
  const { term } = candidacy;
  if (!term || voteRefusal(ballot, term, now) !== undefined) return undefined;
  return [
    {
      ...candidacy,
      stage: 'vote',
      sentAt: now,
      repeatAt: addMs(now, repeatMs(timing)),
      granted: new Map([[self.id, own]]),
    },
    cast(ballot, term),
  ];
}

export const repeated = (candidacy: Candidacy, now: Monotonic, timing: Timing): Candidacy => ({
  ...candidacy,
  repeatAt: addMs(now, repeatMs(timing)),
});

/** The round is without a majority by then. A vote counts for the leader lease from the moment it was asked for. */
export const roundEnd = ({ stage, sentAt }: Candidacy, timing: Timing): Monotonic =>
  stage === 'waiting' ? (Number.POSITIVE_INFINITY as Monotonic) : addMs(sentAt, roundMs(timing));

/** Takes an answer in; the same candidacy where it says nothing to this round. */
export function answered(candidacy: Candidacy, from: ControllerId, answer: VoteAnswer): Candidacy {
  const asked = answer.preVote ? 'pre-vote' : 'vote';
  // An earlier run of ours may have asked in a round of the same number; its term was another one.
  const ours = candidacy.term !== undefined && compareTerms(answer.term, candidacy.term) === 0;
  if (!ours || candidacy.stage !== asked || answer.round !== candidacy.round || !answer.granted) return candidacy;
  return { ...candidacy, granted: new Map(candidacy.granted).set(from, answer.leases) };
}

/** Starts over; the pause differs between controllers, so that two of them do not collide for ever. */
export function failed(candidacy: Candidacy, self: Instance, now: Monotonic, timing: Timing): Candidacy {
  const spread = (hashText(`${self.nonce}/${candidacy.round}`) % 1_000) / 1_000;
  return {
    ...noCandidacy,
    round: candidacy.round,
    failures: candidacy.failures + 1,
    standAt: addMs(now, roundMs(timing) * spread * Math.min(4, candidacy.failures + 1)),
  };
}

/** A master is followed, or was until now: whatever failed before is forgotten. */
export const withdrawn = (candidacy: Candidacy): Candidacy =>
  isWithdrawn(candidacy) ? candidacy : { ...noCandidacy, round: candidacy.round };

const isWithdrawn = ({ stage, failures, standAt: at }: Candidacy): boolean =>
  stage === 'waiting' && failures === 0 && at === NEVER;

/** Voted for another one, which gets the time of a round. What failed before still counts: nobody is followed yet. */
export const yielded = (candidacy: Candidacy, now: Monotonic, timing: Timing): Candidacy => ({
  ...withdrawn(candidacy),
  failures: candidacy.failures,
  standAt: addMs(now, roundMs(timing)),
});

/**
 * A voter that outranks the candidate and could stand itself refuses a pre-vote and stands at once: priority, then the
 * larger address, decides who becomes master. Not after it has tried in vain.
 */
export function outranks(
  self: Instance,
  candidacy: Candidacy,
  ballot: Ballot,
  lock: LockView,
  request: VoteRequest,
  now: Monotonic,
  timing: Timing,
): boolean {
  const able = candidacy.failures === 0 && !followed(ballot, now) && compareInstances(self, request.term.instance) > 0;
  return able && (candidacy.stage !== 'waiting' || standAt(candidacy, ballot, self, lock, timing) <= now);
}
