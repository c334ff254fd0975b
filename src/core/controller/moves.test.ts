import { expect, it } from '@jest/globals';
import { n, pool, term, v } from '../../testing/core-builders.ts';
import { type MasterState, newMaster } from '../master.ts';
import type { Placed } from '../placement/place.ts';
import type { PoolView } from '../pool-view.ts';
import { Reason } from '../reasons.ts';
import { formatTerm } from '../term.ts';
import { moveLines } from './moves.ts';

const VIP = v('192.0.2.1');

const state = (placed: Placed | undefined): MasterState => ({
  ...newMaster(term(3)),
  reasons: new Map(placed ? [[VIP, placed]] : []),
});

const VIEW: PoolView = {
  pool: pool().name,
  generation: 1,
  term: term(3),
  readyNodes: 2,
  bindings: [{ vip: VIP, node: n('a'), home: n('a'), interface: 's0', state: 'Bound', reason: Reason.PlacedAtHome }],
  refusals: [],
  rivals: [],
  holdingOn: [],
};

const lines = (before: Placed | undefined, after: Placed): unknown[] => moveLines(state(before), state(after), [VIEW]);

it('says of a VIP that moves pool, nodes, reason and what is behind it, and term', () => {
  const after = { node: n('b'), reason: Reason.CheckFailed, message: 'check nfs' };
  const fields = {
    pool: pool().name,
    vip: VIP,
    from: n('a'),
    to: n('b'),
    reason: Reason.CheckFailed,
    detail: 'check nfs',
  };
  expect(lines({ node: n('a'), reason: Reason.PlacedAtHome }, after)).toEqual([
    { kind: 'log', level: 'info', message: 'VIP placed', fields: { ...fields, term: formatTerm(term(3)) } },
  ]);
});

it('warns of a VIP that nobody holds any more', () => {
  expect(
    lines({ node: n('a'), reason: Reason.PlacedAtHome }, { node: undefined, reason: Reason.CapacityFull }),
  ).toEqual([
    expect.objectContaining({
      level: 'warn',
      message: 'VIP placed nowhere',
      fields: expect.objectContaining({ vip: VIP, from: n('a'), reason: Reason.CapacityFull }),
    }),
  ]);
});

it.each<[string, Placed | undefined, Placed]>([
  ['stays', { node: n('a'), reason: Reason.PlacedAtHome }, { node: n('a'), reason: Reason.Failback }],
  ['is found by a new master', undefined, { node: n('a'), reason: Reason.Kept }],
  ['still has no node', undefined, { node: undefined, reason: Reason.CapacityFull }],
])('says nothing of a VIP that %s', (_, before, after) => {
  expect(lines(before, after)).toEqual([]);
});
