/** What is decided without looking at what is settled is what is decided about everything. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Topology, topologies } from '../../testing/topologies.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import type { PlaceNode } from './board.ts';
import { place, type Placed, placeRestless } from './place.ts';
import { scaledWeight } from './roster.ts';
import { settledUnits } from './settled.ts';

/** What becomes of one node; of a VIP with `vip`, which another node takes over by itself. */
const change = fc.record({
  node: fc.nat(6),
  vip: fc.nat(40),
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
          const [some, where] = [given.vips[vip], nodes[node]?.node];
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
      { numRuns: 5_000 },
    );
    expect(spared).toBeGreaterThan(10_000);
  });
});
