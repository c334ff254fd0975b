import { describe, expect, it } from '@jest/globals';
import { electorate } from '../testing/core-builders.ts';
import { byVotes, type Electorate, type ElectorateMember, electorateName, quorumOf } from './electorate.ts';
import { jumpRefusal, nextStep, type Wish } from './electorate-change.ts';
import type { ControllerId } from './ids.ts';

const c = (...numbers: readonly number[]): ElectorateMember[] =>
  numbers.flatMap((number) => electorate(9).members[number - 1] ?? []);
const of = (version: number, members: readonly ElectorateMember[], joining?: ElectorateMember): Electorate => ({
  version,
  members,
  ...(joining && { joining }),
});
const [c4] = c(4);

/** Each of these wants the same. */
function wishes(wanted: readonly ElectorateMember[], from: readonly ElectorateMember[], over: Partial<Wish> = {}) {
  return new Map<ControllerId, Wish>(from.map(({ id, address }) => [id, { address, wanted, hearsAll: true, ...over }]));
}

describe('whose votes count', () => {
  it.each([
    [1, of(1, c(1)), false, 1],
    [2, of(1, c(1, 2)), false, 1],
    [3, of(1, c(1, 2, 3)), true, 2],
    [4, of(2, c(1, 2, 3, 4)), true, 3],
    [5, of(1, c(1, 2, 3, 4, 5)), true, 3],
    [6, of(9, c(1, 2, 3, 4, 5, 6)), true, 4],
  ])('of %d', (_, known, voting, quorum) => {
    expect([byVotes(known), quorumOf(known)]).toEqual([voting, quorum]);
  });

  it('both of two, where a change has led to them', () => {
    expect([byVotes(of(3, c(1, 2))), quorumOf(of(3, c(1, 2)))]).toEqual([true, 2]);
  });

  it('who joins makes another name', () => {
    expect(electorateName(of(2, c(1, 2, 3)))).not.toBe(electorateName(of(2, c(1, 2, 3), c4)));
  });
});

describe('a configuration', () => {
  it.each([
    ['the same', c(1, 2, 3), c(3, 2, 1)],
    ['more', c(1), c(1, 2, 3, 4, 5)],
    ['fewer', c(1, 2, 3, 4), c(1)],
    ['one replaced', c(1, 2, 3), c(1, 2, 4)],
    ['one that has moved', c(1, 2, 3), [...c(1, 2), ...c(3).map((member) => ({ ...member, address: 'host:1' }))]],
  ])('is followed: %s', (_, recorded, wanted) => {
    expect(jumpRefusal(of(3, recorded), wanted)).toBeUndefined();
  });

  it.each([
    ['two replaced', c(1, 2, 3), c(1, 4, 5), 'c1=10.0.0.1:7400,c4=10.0.0.4:7400,c3=10.0.0.3:7400 then c1='],
    ['all replaced', c(1, 2, 3), c(4, 5, 6), 'too much would change at once'],
    [
      'one replaced, and more',
      c(1, 2, 3),
      c(1, 2, 4, 5, 6),
      'c3=10.0.0.3:7400 then c1='.replace('c3=10.0.0.3', 'c4=10.0.0.4'),
    ],
    ['the only one replaced', c(1), c(2), 'the last controller cannot be replaced'],
    ['two in the end', c(1, 2, 3), c(1, 2), 'a change ends with 1, 3 or 5 controllers, not with 2'],
  ])('is refused with what to do: %s', (_, recorded, wanted, text) => {
    expect(jumpRefusal(of(3, recorded), wanted)).toContain(text);
  });

  it('is refused where two were installed as such', () => {
    expect(jumpRefusal(of(1, c(1, 2)), c(1, 2, 3))).toContain('stay two');
    expect(nextStep(of(1, c(1, 2)), wishes(c(1), c(1, 2)))).toBeUndefined();
  });
});

describe('the next step', () => {
  it('is none where everything is as wanted', () => {
    expect(nextStep(of(1, c(1, 2, 3)), wishes(c(1, 2, 3), c(1, 2, 3)))).toBeUndefined();
  });

  it('announces who joins, and takes it in when it hears every node', () => {
    const wanted = c(1, 2, 3);
    expect(nextStep(of(1, c(1)), wishes(wanted, c(1, 2, 3)))).toEqual({
      kind: 'change',
      to: of(2, c(1), c(2)[0]),
    });
    expect(nextStep(of(2, c(1), c(2)[0]), wishes(wanted, c(1, 2, 3), { hearsAll: false }))).toMatchObject({
      kind: 'wait',
      for: 'c2, which does not hear every node yet',
    });
    expect(nextStep(of(2, c(1), c(2)[0]), wishes(wanted, c(1, 2, 3)))).toEqual({ kind: 'change', to: of(3, c(1, 2)) });
  });

  it('takes back an announcement that nobody wants any more', () => {
    expect(nextStep(of(2, c(1, 2, 3), c4), wishes(c(1, 2, 3), c(1, 2, 3)))).toEqual({
      kind: 'change',
      to: of(3, c(1, 2, 3)),
    });
  });

  it('needs a majority that wants it', () => {
    const some = new Map([...wishes(c(1, 2, 3), c(1, 2)), ...wishes(c(1, 2, 3, 4, 5), c(3, 4, 5))]);
    expect(nextStep(of(1, c(1, 2, 3)), some)).toBeUndefined();
  });

  it('replaces: who comes is there before who goes', () => {
    const wanted = c(1, 3, 4);
    expect(nextStep(of(1, c(1, 2, 3)), wishes(wanted, c(1, 3)))).toEqual({
      kind: 'wait',
      for: 'c4, of which nothing is heard',
    });
    expect(nextStep(of(1, c(1, 2, 3)), wishes(wanted, c(1, 3, 4)))).toEqual({
      kind: 'change',
      to: of(2, c(1, 2, 3), c4),
    });
    expect(nextStep(of(3, c(1, 2, 3, 4)), wishes(wanted, c(1, 3, 4)))).toEqual({ kind: 'change', to: of(4, wanted) });
  });

  it('lets go of one that has moved first: the others cannot be two of one name', () => {
    const moved = c(3).map((member) => ({ ...member, address: 'host:1' }));
    const all = wishes([...c(1, 2), ...moved], [...c(1, 2), ...moved]);
    expect(nextStep(of(1, c(1, 2, 3)), all)).toEqual({ kind: 'change', to: of(2, c(1, 2)) });
    expect(nextStep(of(2, c(1, 2)), all)).toEqual({ kind: 'change', to: of(3, c(1, 2), moved[0]) });
  });

  it('lets go who wants to leave, whatever the others are configured with', () => {
    const leaving = new Map([...wishes(c(1, 2, 3), c(1, 2)), ...wishes(c(1), c(3))]);
    expect(nextStep(of(1, c(1, 2, 3)), leaving)).toEqual({ kind: 'change', to: of(2, c(1, 2)) });
    const last = new Map([...wishes(c(1, 2, 3), c(1)), ...wishes(c(1), c(2))]);
    expect(nextStep(of(2, c(1, 2)), last)).toEqual({ kind: 'change', to: of(3, c(1)) });
    expect(nextStep(of(3, c(1)), wishes(c(2), c(1)))).toMatchObject({ kind: 'wait' });
  });

  it('removes one that is lost before one that leaves, where the rest could not decide otherwise', () => {
    const lost = wishes(c(1), c(1, 2));
    expect(nextStep(of(1, c(1, 2, 3)), lost)).toEqual({ kind: 'change', to: of(2, c(1, 2)) });
    expect(nextStep(of(2, c(1, 2)), lost)).toEqual({ kind: 'change', to: of(3, c(1)) });
    expect(nextStep(of(7, c(1, 4, 5)), wishes(c(1), c(1, 5)))).toEqual({ kind: 'change', to: of(8, c(1, 5)) });
  });

  it('does not leave one for two before the third is there', () => {
    expect(nextStep(of(1, c(1)), wishes(c(1, 2, 3), c(1, 2)))).toEqual({
      kind: 'wait',
      for: 'c3, of which nothing is heard',
    });
    expect(nextStep(of(1, c(1, 2, 3)), wishes(c(1, 2, 3, 4, 5), c(1, 2, 3, 5)))).toMatchObject({
      kind: 'change',
      to: { joining: { id: 'c5' } },
    });
  });

  it('waits where those who are left could not decide', () => {
    expect(nextStep(of(1, c(1, 2, 3)), wishes(c(1, 2), c(3)))).toEqual({
      kind: 'wait',
      for: 'c1, c2: without them the next electorate could not decide',
    });
  });
});
