/** What is decided without looking at what is settled is what is decided about everything. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { n, v, vips } from '../../testing/core-builders.ts';
import { type Topology, topologies } from '../../testing/topologies.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import type { PlaceNode } from './board.ts';
import { place, type Placed, type PlacementInput, placeRestless } from './place.ts';
import { makeRoster, scaledWeight } from './roster.ts';
import { settledUnits } from './settled.ts';
import { unitsOf } from './units.ts';

/** What becomes of one node; of a VIP with `vip`, which another node takes over by itself. */
const change = fc.record({
  node: fc.nat(6),
  vip: fc.nat(13),
  becomes: fc.constantFrom('lost', 'well', 'well', 'unstable', 'closed', 'degraded', 'lighter', 'asked', 'stray'),
});

function changed(node: PlaceNode, becomes: string): PlaceNode {
  const { weight } = node;
  const well = { ...node, effectiveWeight: weight, unfit: undefined, closed: undefined, stable: true };
  if (weight === 0) return node;
  if (becomes === 'lost') return { ...node, unfit: Reason.NodeLost, stable: false };
  if (becomes === 'well') return well;
  if (becomes === 'unstable') return { ...well, stable: false };
  if (becomes === 'closed') return { ...node, closed: Reason.CapacityFull };
  if (becomes === 'degraded') return { ...node, effectiveWeight: scaledWeight(weight, 50) };
  return becomes === 'lighter' ? { ...well, weight: 1, effectiveWeight: 1 } : node;
}

describe('what is settled', () => {
  it('changes nothing about the rest, and is itself as if it had been looked at', () => {
    let spared = 0;
    fc.assert(
      fc.property(topologies, fc.array(change, { minLength: 1, maxLength: 8 }), (topology, changes) => {
        if (topology.groups.length > 0) return;
        let given: Topology = topology;
        let known: ReadonlyMap<VipAddress, Placed> = place(given);
        for (const { node, vip, becomes } of changes) {
          const nodes = given.nodes.map((own, i) => (i === node ? changed(own, becomes) : own));
          const holders = new Map<VipAddress, NodeName>();
          for (const [own, { node: at }] of known) {
            const isLost = nodes.some((other) => other.node === at && other.unfit === Reason.NodeLost);
            if (at !== undefined && !isLost) holders.set(own, at);
          }
          const some = given.vips[vip];
          // Home of all places, also where there is no room for it.
          const goesHome = becomes === 'stray' && some !== undefined && vip % 2 === 0;
          const where = goesHome ? given.homes.get(some) : nodes[node]?.node;
          if (becomes === 'stray' && some !== undefined && where !== undefined) holders.set(some, where);
          const failbackAsked = new Set(becomes === 'asked' && some !== undefined ? [some] : []);
          const homes = new Map(given.homes);
          if (becomes === 'lighter' && some !== undefined && where !== undefined) homes.set(some, where);
          given = { ...given, nodes, holders, homes, failbackAsked };
          const settled = settledUnits(given, known, false);
          const full = place(given);
          if (settled) {
            spared += settled.at.filter((at) => at >= 0).length;
            expect([...placeRestless(given, known, settled)]).toEqual([...full]);
          }
          known = full;
        }
      }),
      { numRuns: 3_000 },
    );
    expect(spared).toBeGreaterThan(10_000);
  });

  it('is not known where somebody has come home to a node without room', () => {
    const units = unitsOf(vips(2), []);
    const [first, second] = vips(2);
    const roster = makeRoster(
      ['node-1', 'node-2'].map((name) => ({ node: n(name), weight: 100, preference: 0, zone: undefined })),
    );
    const at = (one: string, two: string): Map<VipAddress, NodeName> =>
      new Map([
        [first ?? v('none'), n(one)],
        [second ?? v('none'), n(two)],
      ]);
    const given: PlacementInput = {
      units,
      roster,
      homes: at('node-1', 'node-1'),
      nodes: roster.homeNodes,
      holders: at('node-2', 'node-1'),
      obstacle: undefined,
      maxPerNode: 1,
      failback: { policy: 'Automatic', delayMs: 30_000 },
      failbackAsked: new Set(),
      otherLoad: () => new Map(),
      lossReason: () => undefined,
    };
    const known = place(given);
    expect([...known.values()].map(({ reason }) => reason)).toEqual([Reason.Kept, Reason.Kept]);
    expect(settledUnits(given, known, false)?.restless).toEqual([n('node-2')]);
    expect(settledUnits({ ...given, holders: at('node-1', 'node-1') }, known, false)).toBeUndefined();
  });
});
