/**
 * What one controller has voted for and promised (failure model: Election). Whoever asks meets the same three
 * questions: did we start without memory a moment ago, did we promise to follow somebody, have we seen a higher term?
 */
import { compareTerms, formatTerm, higherTerm, type Term } from './term.ts';
import { addMs, type Monotonic, NEVER } from './time.ts';
import { promiseMs, type Timing } from './timing.ts';

export interface Ballot {
  /** Until then we neither vote nor follow, acknowledge no agent and report no revocation: we may have forgotten. */
  readonly abstainUntil: Monotonic;
  /** Highest term voted for, followed or seen. */
  readonly highestTerm: Term | undefined;
  readonly promise: { readonly term: Term; readonly until: Monotonic } | undefined;
}

export const emptyBallot: Ballot = { abstainUntil: NEVER, highestTerm: undefined, promise: undefined };

export const abstains = (ballot: Ballot, now: Monotonic): boolean => now < ballot.abstainUntil;

/** The master that we follow; undefined where no promise runs. */
export const followed = ({ promise }: Ballot, now: Monotonic): Term | undefined =>
  promise && now < promise.until ? promise.term : undefined;

/** Why we do not vote for that term now; undefined where we do. */
export function voteRefusal(ballot: Ballot, term: Term, now: Monotonic): string | undefined {
  if (abstains(ballot, now)) return 'started without memory a moment ago';
  const master = followed(ballot, now);
  if (master) return `follows ${formatTerm(master)}`;
  if (ballot.highestTerm && compareTerms(term, ballot.highestTerm) < 0) {
    return `knows the higher term ${formatTerm(ballot.highestTerm)}`;
  }
  return undefined;
}

export const cast = (ballot: Ballot, term: Term): Ballot => ({ ...ballot, highestTerm: term });

/** Why we do not follow that master now; undefined where we do. */
export function followRefusal(ballot: Ballot, term: Term, now: Monotonic): string | undefined {
  // A beat that its end has overtaken: following it would keep everybody from the next master for a whole promise.
  if (isReleased(ballot, term)) return `term ${formatTerm(term)} has ended`;
  const master = followed(ballot, now);
  return master && compareTerms(master, term) === 0 && !abstains(ballot, now) && isHighest(ballot, term)
    ? undefined
    : voteRefusal(ballot, term, now);
}

const isHighest = ({ highestTerm }: Ballot, term: Term): boolean =>
  highestTerm === undefined || compareTerms(term, highestTerm) >= 0;

export const follow = (ballot: Ballot, term: Term, now: Monotonic, timing: Timing): Ballot => ({
  ...ballot,
  highestTerm: term,
  promise: { term, until: addMs(now, promiseMs(timing)) },
});

/** That master acts no longer, and never again in this term: the promise to it binds us no more. */
export const released = (ballot: Ballot, term: Term): Ballot =>
  isPromisedTo(ballot, term) ? { ...ballot, promise: { term, until: NEVER } } : ballot;

const isReleased = (ballot: Ballot, term: Term): boolean =>
  ballot.promise?.until === NEVER && isPromisedTo(ballot, term);

const isPromisedTo = ({ promise }: Ballot, term: Term): boolean =>
  promise !== undefined && compareTerms(promise.term, term) === 0;

export const seen = (ballot: Ballot, term: Term | undefined): Ballot => {
  const highestTerm = higherTerm(ballot.highestTerm, term);
  return highestTerm === ballot.highestTerm ? ballot : { ...ballot, highestTerm };
};
