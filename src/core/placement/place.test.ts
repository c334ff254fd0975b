import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { n, v, vips } from '../../testing/core-builders.ts';
import { assignHomes } from './homes.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { place, type PlacementInput } from './place.ts';
import { Reason } from '../reasons.ts';
import { makeRoster } from './roster.ts';
import { unitsOf } from './units.ts';

const nodes = (count: number): NodeName[] => Array.from({ length: count }, (_, i) => n(`node-${i + 1}`));

interface Over extends Partial<Omit<PlacementInput, 'nodes'>> {
  readonly down?: readonly string[];
  readonly unstable?: readonly string[];
  readonly count?: number;
  readonly size?: number;
}

function input({ down, unstable, count, size, ...over }: Over = {}): PlacementInput {
  const units = unitsOf(vips(count ?? 6), []);
  const members = nodes(size ?? 3).map((node) => ({ node, weight: 100, preference: 0, zone: undefined }));
  const roster = makeRoster(members);
  return {
    units,
    roster,
    homes: assignHomes({ units, roster, explicit: new Map(), previous: new Map(), maxPerNode: undefined }),
    holders: new Map(),
    obstacle: undefined,
    nodes: members.map((member) => ({
      ...member,
      effectiveWeight: member.weight,
      unfit: down?.includes(member.node) === true ? Reason.NodeLost : undefined,
      closed: undefined,
      stable: unstable?.includes(member.node) !== true,
    })),
    maxPerNode: undefined,
    failback: { policy: 'Automatic', delayMs: 30_000 },
    failbackAsked: new Set(),
    otherLoad: () => new Map(),
    lossReason: () => undefined,
    ...over,
  };
}

const holdersIn = (result: ReturnType<typeof place>): Map<VipAddress, NodeName> =>
  new Map([...result].flatMap(([vip, { node }]) => (node === undefined ? [] : [[vip, node] as const])));

function spread(holders: ReadonlyMap<VipAddress, NodeName>, among: readonly NodeName[]): number {
  const load = among.map((node) => [...holders.values()].filter((holder) => holder === node).length);
  return Math.max(...load) - Math.min(...load);
}

describe('placement', () => {
  it('puts every VIP at its home when all nodes are up', () => {
    const given = input();
    expect(holdersIn(place(given))).toEqual(given.homes);
  });

  it('moves only the VIPs of a lost node and spreads them evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 2, max: 7 }), fc.nat(6), (count, size, lost) => {
        const down = [`node-${(lost % size) + 1}`];
        const before = holdersIn(place(input({ count, size })));
        const survivors = new Map([...before].filter(([, node]) => !down.includes(node)));
        const after = holdersIn(place(input({ count, size, down, holders: survivors })));
        for (const [vip, node] of survivors) expect(after.get(vip)).toBe(node);
        expect(after.size).toBe(count);
        expect(
          spread(
            after,
            nodes(size).filter((node) => !down.includes(node)),
          ),
        ).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('A8 brings the same VIPs back home when the node is stable again, and moves no other', () => {
    const first = holdersIn(place(input({ count: 9 })));
    const away = holdersIn(
      place(
        input({ count: 9, down: ['node-2'], holders: new Map([...first].filter(([, node]) => node !== n('node-2'))) }),
      ),
    );
    const waiting = place(input({ count: 9, holders: away, unstable: ['node-2'] }));
    expect(holdersIn(waiting)).toEqual(away);
    const back = place(input({ count: 9, holders: away }));
    expect(holdersIn(back)).toEqual(first);
    expect([...back.values()].filter((placed) => placed.reason === Reason.Failback)).toHaveLength(3);
  });

  it.each(['Manual', 'Never'] as const)('leaves held VIPs alone with failback %s', (policy) => {
    const holders = new Map(vips(6).map((vip) => [vip, n('node-1')]));
    const result = place(input({ holders, failback: { policy, delayMs: 0 } }));
    expect(holdersIn(result)).toEqual(holders);
  });

  it('keeps a VIP where it is when no node can take it', () => {
    const holders = new Map([[v('192.0.2.1'), n('node-1')]]);
    const result = place(input({ count: 1, holders, down: ['node-1', 'node-2', 'node-3'] }));
    expect(result.get(v('192.0.2.1'))).toEqual({ node: n('node-1'), reason: Reason.NoEligibleNode, stranded: true });
  });

  it('leaves a VIP nowhere when nobody holds it and nobody can', () => {
    const result = place(input({ count: 1, down: ['node-1', 'node-2', 'node-3'] }));
    expect(result.get(v('192.0.2.1'))).toEqual({ node: undefined, reason: Reason.NoEligibleNode, stranded: true });
  });

  it('tells why a VIP moved', () => {
    const lossReason = (): Reason => Reason.NodeLost;
    const reasons = [...place(input({ down: ['node-1'], lossReason })).values()].map((placed) => placed.reason);
    expect(new Set(reasons)).toEqual(new Set([Reason.NodeLost]));
  });

  it('decides the same again: its own result is a fixed point', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(5)),
        (count, size, old) => {
          const all = vips(count);
          const holders = new Map(
            old.slice(0, count).map((index, i) => [all[i] ?? v('x'), n(`node-${(index % size) + 1}`)]),
          );
          const once = holdersIn(place(input({ count, size, holders })));
          const twice = place(input({ count, size, holders: once }));
          expect(holdersIn(twice)).toEqual(once);
        },
      ),
    );
  });

  it.each(['node-1', 'node-2'])('breaks ties by what a node holds of other pools: %s holds more', (other) => {
    const free = other === 'node-1' ? 'node-2' : 'node-1';
    const otherLoad = new Map([
      [n(other), 5],
      [n(free), 0],
    ]);
    const given = {
      ...input({ count: 1, size: 2, otherLoad: () => otherLoad }),
      homes: new Map<VipAddress, NodeName>(),
    };
    expect(place(given).get(v('192.0.2.1'))?.node).toBe(n(free));
  });
});
