import { describe, expect, it } from '@jest/globals';
import { electorate, instance, lease, n, term } from '../testing/core-builders.ts';
import { type Ballot, cast, emptyBallot, follow, released, seen } from './ballot.ts';
import {
  answered,
  campaign,
  type Candidacy,
  failed,
  type LockView,
  noCandidacy,
  outranks,
  roundEnd,
  roundMs,
  stand,
  standAt,
  withdrawn,
  yielded,
} from './candidacy.ts';
import { electorateName } from './electorate.ts';
import { controllerId } from './ids.ts';
import type { VoteAnswer, VoteRequest } from './peer-messages.ts';
import { monotonic } from './time.ts';
import { promiseMs, TIMING_PROFILES } from './timing.ts';

const timing = TIMING_PROFILES.Default;
const at = monotonic;
const self = instance('c1', { address: '10.0.0.1' });
const larger = instance('c2', { address: '10.0.0.2' });
const c2 = controllerId('c2');
const NO_STORE: LockView = { holder: undefined };
const lockOf = (id: string): LockView => ({ holder: controllerId(id) });
/** Followed c3 in term 4 until it went silent at 0. */
const orphan: Ballot = follow(emptyBallot, term(4, 'c3'), at(0), timing);
const answer = (over: Partial<VoteAnswer> = {}): VoteAnswer => ({
  round: 1,
  term: { number: 5, instance: self },
  preVote: true,
  granted: true,
  reason: '',
  highestTerm: term(4, 'c3'),
  leases: [],
  electorate: electorateName(electorate(3)),
  ...over,
});

describe('A3 who follows a master that went silent', () => {
  it('stands when its promise has run out, and not a moment before', () => {
    expect(standAt(noCandidacy, orphan, self, NO_STORE, timing)).toBe(promiseMs(timing));
  });

  it('does not wait for the lock of the lost master', () => {
    expect(standAt(noCandidacy, orphan, self, lockOf('c3'), timing)).toBe(promiseMs(timing));
  });

  it('stands at once when the master stepped down', () => {
    expect(standAt(noCandidacy, released(orphan, term(4, 'c3')), self, NO_STORE, timing)).toBeLessThanOrEqual(0);
  });

  it('does not stand while it abstains, nor while a round is under way', () => {
    expect(standAt(noCandidacy, { ...orphan, abstainUntil: at(9_000) }, self, NO_STORE, timing)).toBe(9_000);
    const round = stand(noCandidacy, orphan, self, at(700), timing);
    expect(standAt(round, orphan, self, NO_STORE, timing)).toBe(Infinity);
  });
});

describe('A1 the first election', () => {
  it('is for the holder of the lock; the others leave it two leader leases', () => {
    const knows = { ...emptyBallot, abstainUntil: at(1_000) };
    expect(standAt(noCandidacy, knows, self, lockOf('c1'), timing)).toBe(1_000);
    expect(standAt(noCandidacy, knows, self, lockOf('c2'), timing)).toBe(2_000);
  });

  it('A11 is for anybody while the store does not answer', () => {
    expect(standAt(noCandidacy, { ...emptyBallot, abstainUntil: at(1_000) }, self, NO_STORE, timing)).toBe(1_000);
  });
});

describe('a candidate', () => {
  it('A4 asks for the highest number seen and one, in its own name', () => {
    expect(stand(noCandidacy, orphan, self, at(700), timing).term).toEqual({ number: 5, instance: self });
    expect(stand(noCandidacy, emptyBallot, self, at(0), timing).term?.number).toBe(1);
  });

  it('is only asking whether it would be voted for, at first: that raises no term, not even its own', () => {
    const round = stand(noCandidacy, orphan, self, at(700), timing);
    expect(round.stage).toBe('pre-vote');
    const result = campaign(round, orphan, self, [], at(710), timing);
    expect(result?.[0]).toMatchObject({ stage: 'vote', term: { number: 5 }, sentAt: 710 });
    expect(result?.[1].highestTerm).toEqual({ number: 5, instance: self });
    expect(orphan.highestTerm?.number).toBe(4);
  });

  it('counts a vote from the second request on, and its own first', () => {
    const round = stand(noCandidacy, orphan, self, at(700), timing);
    const own = { node: n('node-1'), lease: lease(), revoked: false, restored: 0, knocking: false, holds: [] };
    const [voting] = campaign(round, orphan, self, [own], at(710), timing) ?? [];
    expect(voting?.granted).toEqual(new Map([['c1', [own]]]));
  });

  it('does not campaign once it has voted for a larger one, or follows somebody again', () => {
    const round = stand(noCandidacy, orphan, self, at(700), timing);
    const voted = cast(orphan, { number: 5, instance: larger });
    expect(campaign(round, voted, self, [], at(710), timing)).toBeUndefined();
    const follower = follow(orphan, term(5, 'c3'), at(705), timing);
    expect(campaign(round, follower, self, [], at(710), timing)).toBeUndefined();
  });

  it('counts each voter once, and only answers to this round and this question', () => {
    const round = stand(noCandidacy, orphan, self, at(700), timing);
    const once = answered(round, c2, answer());
    expect([...once.granted.keys()]).toEqual(['c1', 'c2']);
    expect(answered(once, c2, answer()).granted.size).toBe(2);
    for (const over of [{ round: 0 }, { preVote: false }, { granted: false }]) {
      expect(answered(round, c2, answer(over))).toBe(round);
    }
  });

  it('keeps the leases that came with a vote', () => {
    const known = { node: n('node-1'), lease: lease(), revoked: true, restored: 0, knocking: false, holds: [] };
    const round: Candidacy = { ...stand(noCandidacy, orphan, self, at(700), timing), stage: 'vote' };
    const voted = answered(round, c2, answer({ preVote: false, leases: [known] }));
    expect(voted.granted.get(c2)).toEqual([known]);
  });
});

describe('A5 a round without a majority', () => {
  const round = stand(noCandidacy, orphan, self, at(700), timing);
  const once = failed(round, self, roundEnd(round, timing), timing);
  const twice = failed({ ...once, round: 2 }, self, at(900), timing);

  it('ends after a fifth of the leader lease', () => {
    expect(roundEnd(round, timing)).toBe(700 + roundMs(timing));
    expect(roundEnd(noCandidacy, timing)).toBe(Infinity);
  });

  it('is followed by a pause that differs from one controller, and from one round, to the next', () => {
    const others = [self, larger, instance('c3')].map((who) => failed(round, who, at(800), timing).standAt);
    expect(new Set(others).size).toBe(3);
    for (const pause of others) expect(pause).toBeLessThanOrEqual(800 + roundMs(timing));
    expect(twice.standAt - 900).not.toBe(once.standAt - 800);
  });

  it('twice in a row: the holder of the lock goes first, the others wait', () => {
    expect(standAt(once, orphan, self, lockOf('c2'), timing)).toBe(once.standAt);
    expect(standAt(twice, orphan, self, lockOf('c2'), timing)).toBe(twice.standAt + 2 * timing.leaderLeaseMs);
    expect(standAt(twice, orphan, self, lockOf('c1'), timing)).toBe(twice.standAt);
    expect(standAt(twice, orphan, self, NO_STORE, timing)).toBe(twice.standAt);
  });

  it('is not forgotten by a vote for another one, which gets the time of a round', () => {
    expect(yielded(twice, at(900), timing)).toEqual({ ...noCandidacy, round: 2, failures: 2, standAt: 1_000 });
  });

  it('is forgotten when a master is followed, but its number is never used again', () => {
    expect(withdrawn(twice)).toEqual({ ...noCandidacy, round: 2 });
    expect(stand(withdrawn(twice), orphan, self, at(2_000), timing).round).toBe(3);
  });
});

describe('B8 a voter that is larger than the candidate', () => {
  const smaller: VoteRequest = {
    round: 1,
    term: { number: 5, instance: self },
    preVote: true,
    electorate: electorateName(electorate(3)),
  };
  const able = (candidacy: Candidacy, ballot: Ballot, now = 700, lock = NO_STORE): boolean =>
    outranks(larger, candidacy, ballot, lock, smaller, at(now), timing);

  it('goes first when it could stand itself', () => {
    expect(able(noCandidacy, orphan)).toBe(true);
    expect(able(stand(noCandidacy, orphan, larger, at(650), timing), orphan)).toBe(true);
  });

  it('by priority before address', () => {
    const request = { ...smaller, term: { number: 5, instance: instance('c1', { priority: 1 }) } };
    expect(outranks(larger, noCandidacy, orphan, NO_STORE, request, at(700), timing)).toBe(false);
  });

  it('steps aside after it has tried in vain, while it follows somebody, and where the lock is for another', () => {
    const tried = failed(stand(noCandidacy, orphan, larger, at(600), timing), larger, at(610), timing);
    expect(able(tried, orphan)).toBe(false);
    expect(able(noCandidacy, orphan, 100)).toBe(false);
    expect(able(noCandidacy, emptyBallot, 700, lockOf('c2'))).toBe(true);
    expect(able({ ...noCandidacy, standAt: at(0) }, emptyBallot, 700, lockOf('c1'))).toBe(false);
  });
});

it('a term that was seen counts, whoever told of it', () => {
  expect(stand(noCandidacy, seen(orphan, term(41, 'c2')), self, at(700), timing).term?.number).toBe(42);
});
