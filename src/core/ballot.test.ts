import { describe, expect, it } from '@jest/globals';
import { term } from '../testing/core-builders.ts';
import {
  abstains,
  type Ballot,
  cast,
  emptyBallot,
  follow,
  followed,
  followRefusal,
  released,
  seen,
  voteRefusal,
} from './ballot.ts';
import { compareTerms, type Term } from './term.ts';
import { monotonic } from './time.ts';
import { abstentionMs, promiseMs, TIMING_PROFILES } from './timing.ts';

const timing = TIMING_PROFILES.Default;
const at = monotonic;
const PROMISE = promiseMs(timing);
const following = (number: number, now = 0, id = 'c1'): Ballot =>
  follow(emptyBallot, term(number, id), at(now), timing);

describe('a vote', () => {
  it('is given to the first candidate, and again to the same one that asks twice', () => {
    expect(voteRefusal(emptyBallot, term(1), at(0))).toBeUndefined();
    expect(voteRefusal(cast(emptyBallot, term(1)), term(1), at(0))).toBeUndefined();
  });

  it('is refused below a term that was voted for, followed or seen', () => {
    for (const ballot of [cast(emptyBallot, term(5)), seen(emptyBallot, term(5)), released(following(5), term(5))]) {
      expect(voteRefusal(ballot, term(4), at(0))).toContain('5/c1');
    }
  });

  it('A4 of two candidates with the same number goes to the larger pair alone', () => {
    const larger: Term = { number: 3, instance: { ...term(3, 'c2').instance, address: '10.0.0.9' } };
    expect(voteRefusal(cast(emptyBallot, term(3)), larger, at(0))).toBeUndefined();
    expect(voteRefusal(cast(emptyBallot, larger), term(3), at(0))).toBeDefined();
  });

  it('is refused while any promise runs, also to a far higher term', () => {
    const ballot = following(1);
    expect(voteRefusal(ballot, term(99), at(PROMISE - 1))).toBe('follows 1/c1');
    expect(voteRefusal(ballot, term(99), at(PROMISE))).toBeUndefined();
  });

  it('is refused without memory for as long as the longest vote or lease may live', () => {
    const ballot: Ballot = { ...emptyBallot, abstainUntil: at(abstentionMs(timing)) };
    expect(abstains(ballot, at(1_109))).toBe(true);
    expect(voteRefusal(ballot, term(1), at(1_109))).toContain('without memory');
    expect(followRefusal(ballot, term(1), at(1_109))).toContain('without memory');
    expect(voteRefusal(ballot, term(1), at(1_110))).toBeUndefined();
  });
});

describe('a promise', () => {
  it('outlives what the master counts on: the drift of two clocks and the margin', () => {
    expect(PROMISE).toBe(605);
    expect(followed(following(1, 100), at(704))).toEqual(term(1));
    expect(followed(following(1, 100), at(705))).toBeUndefined();
  });

  it('is renewed by the same master, and by no lower one', () => {
    const ballot = following(2);
    expect(followRefusal(ballot, term(2), at(100))).toBeUndefined();
    expect(followRefusal(ballot, term(1), at(100))).toBeDefined();
  });

  it('is not given to a second master while it runs, not even to one of a higher term', () => {
    expect(followRefusal(following(2), term(3, 'c2'), at(100))).toBe('follows 2/c1');
  });

  it('is not renewed once a higher term was seen: that master is told, and resigns', () => {
    const ballot = seen(following(2), term(3, 'c2'));
    expect(followRefusal(ballot, term(2), at(100))).toBeDefined();
    expect(followed(ballot, at(100))).toEqual(term(2));
  });

  it('binds no more when its master steps down, and only then', () => {
    expect(followed(released(following(2), term(2)), at(1))).toBeUndefined();
    expect(followed(released(following(2), term(1)), at(1))).toEqual(term(2));
    expect(released(following(2), term(2)).highestTerm).toEqual(term(2));
  });

  it('is not renewed by a beat that the end of its term has overtaken', () => {
    const ballot = released(following(2), term(2));
    expect(followRefusal(ballot, term(2), at(1))).toBe('term 2/c1 has ended');
    expect(followRefusal(ballot, term(3, 'c2'), at(1))).toBeUndefined();
  });
});

it('seeing a lower or unknown term changes nothing', () => {
  const ballot = following(4);
  expect([seen(ballot, term(3)), seen(ballot, undefined), seen(ballot, term(4))]).toEqual([ballot, ballot, ballot]);
  expect(seen(ballot, term(3))).toBe(ballot);
});

/** A small generator of the same numbers in every run. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state;
  }
}

it.each(Array.from({ length: 50 }, (_, seed) => seed))(
  'whatever is asked in whatever order, no vote and no promise goes below an earlier one (seed %i)',
  (seed) => {
    const random = numbers(seed);
    const next = (below: number): number => Math.floor(random.next().value / 65_536) % below;
    let ballot = emptyBallot;
    let now = 0;
    let given: Term | undefined;
    let promised: { term: Term; until: number } | undefined;
    for (let step = 0; step < 200; step++) {
      now += next(200);
      const asked = term(1 + next(8), `c${1 + next(3)}`);
      const votes = next(2) === 0;
      const refusal = (votes ? voteRefusal : followRefusal)(ballot, asked, at(now));
      const down = next(10) === 0;
      if (refusal === undefined) {
        expect(given === undefined || compareTerms(asked, given) >= 0).toBe(true);
        const bound = promised && now < promised.until && compareTerms(promised.term, asked) !== 0;
        expect(bound ?? false).toBe(false);
        ballot = votes ? cast(ballot, asked) : follow(ballot, asked, at(now), timing);
        given = asked;
        if (!votes) promised = { term: asked, until: now + PROMISE };
      } else if (down && promised) {
        ballot = released(ballot, promised.term);
        promised = undefined;
      } else {
        ballot = seen(ballot, next(3) === 0 ? asked : undefined);
      }
    }
    expect(given).toBeDefined();
  },
);
