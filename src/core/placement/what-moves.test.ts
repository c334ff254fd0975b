import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { n } from '../../testing/core-builders.ts';
import { topologies } from '../../testing/topologies.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import { place } from './place.ts';
import { whatMoves } from './what-moves.ts';

describe('whatMoves', () => {
  it('tells what happens when the nodes fail, without touching anything', () => {
    fc.assert(
      fc.property(topologies, fc.nat(6), (given, index) => {
        const name = n(`node-${index + 1}`);
        const calm = { ...given, holders: holdersIn(place(given)), otherLoad: new Map<NodeName, number>() };
        const moves = whatMoves([calm], new Set([name]));
        const told = new Map(calm.holders);
        for (const { vip, from, to } of moves) {
          expect(calm.holders.get(vip)).toBe(from);
          if (to === undefined) told.delete(vip);
          else told.set(vip, to);
        }
        const left = new Map([...calm.holders].filter(([, holder]) => holder !== name));
        const nodes = calm.nodes.map((node) => (node.node === name ? { ...node, unfit: Reason.NodeLost } : node));
        expect(told).toEqual(holdersIn(place({ ...calm, nodes, holders: left })));
      }),
      { numRuns: 1_000 },
    );
  });

  it('says that nothing moves when a node fails that holds nothing', () => {
    const [given] = fc.sample(topologies, { seed: 7, numRuns: 1 });
    if (!given) throw new Error('a topology');
    const calm = { ...given, holders: holdersIn(place(given)) };
    expect(whatMoves([calm], new Set([n('unknown')]))).toEqual([]);
  });
});

function holdersIn(result: ReturnType<typeof place>): Map<VipAddress, NodeName> {
  return new Map([...result].flatMap(([vip, { node }]) => (node === undefined ? [] : [[vip, node] as const])));
}
