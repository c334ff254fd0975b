import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { n, nodeEntry, pool, v, vips } from '../../testing/core-builders.ts';
import { NO_MOVES } from '../moved-homes.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { allMembers } from '../membership.ts';
import type { NodeEntry } from '../node-table.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import { monotonic } from '../time.ts';
import { factsOf, NO_FACTS, sameMembers } from './facts.ts';
import { planPool, type PoolPlan, type PlanWorld } from './plan.ts';
import { nothingShared } from './shared.ts';
import { NO_RULES, type PlacementRules } from './rules.ts';
import { NO_POOL_SIGNALS, NO_SIGNALS, type PoolSignals, type Signals } from './signals.ts';

const NOW = monotonic(1_000_000);

const poolWith = (rules: Partial<PlacementRules>, over: Partial<Pool> = {}): Pool =>
  pool({ ...over, placement: { ...NO_RULES, ...rules } });

const signalsOf = (item: Pool, over: Partial<PoolSignals>): Signals => ({
  ...NO_SIGNALS,
  pools: new Map([[item.name, { ...NO_POOL_SIGNALS, ...over }]]),
});

interface Look {
  readonly holders?: ReadonlyMap<VipAddress, NodeName>;
  readonly signals?: Signals;
  readonly before?: PoolPlan | undefined;
  readonly homes?: ReadonlyMap<VipAddress, NodeName>;
  readonly otherHomes?: ReadonlyMap<NodeName, number>;
}

function look(item: Pool, entries: readonly NodeEntry[], given: Look = {}): PoolPlan {
  const { before, holders = new Map<VipAddress, NodeName>() } = given;
  const nodes = new Map(entries.map((entry) => [entry.node, entry]));
  const world: PlanWorld = {
    nodes,
    facts: factsOf(entries, before?.candidates.facts ?? NO_FACTS),
    members: sameMembers(
      allMembers(new Map(entries.map(({ node, labels }) => [node, labels])), nodes),
      before?.members ?? [],
    ),
    signals: given.signals ?? NO_SIGNALS,
    holders,
    moved: NO_MOVES,
    previousHome: (vip) => given.homes?.get(vip),
    refused: () => false,
    refusedVips: new Set(),
    lossReason: () => undefined,
    otherLoad: () => new Map(),
    otherHomes: () => given.otherHomes ?? new Map(),
    shared: nothingShared(),
  };
  return planPool(item, before, world, NOW);
}

const three = [nodeEntry('node-1'), nodeEntry('node-2'), nodeEntry('node-3')];
const count = ({ result }: PoolPlan, node: string): number =>
  [...result.values()].filter((placed) => placed.node === n(node)).length;
const holdersOf = ({ result }: PoolPlan): Map<VipAddress, NodeName> =>
  new Map([...result].flatMap(([vip, { node }]) => (node === undefined ? [] : [[vip, node] as const])));
const reasonsOf = ({ result }: PoolPlan): Set<Reason> => new Set([...result.values()].map(({ reason }) => reason));
const labelled = (name: string, labels: Readonly<Record<string, string>>): NodeEntry => nodeEntry(name, { labels });

describe('the plan of a pool', () => {
  it('gives nodes VIPs in proportion to their weights, and none to weight 0', () => {
    const weights = [
      { nodes: { kind: 'node', node: n('node-1') }, weight: 50 },
      { nodes: { kind: 'labels', labels: { disk: 'hdd' } }, weight: 0 },
    ] as const;
    const entries = [nodeEntry('node-1'), nodeEntry('node-2'), labelled('node-3', { disk: 'hdd' })];
    const plan = look(poolWith({ weights }), entries);
    expect(['node-1', 'node-2', 'node-3'].map((node) => count(plan, node))).toEqual([2, 4, 0]);
  });

  it('takes the weight that a node declares for itself into account', () => {
    const signals = { ...NO_SIGNALS, nodeWeights: new Map([[n('node-1'), 50]]) };
    const plan = look(poolWith({}), three.slice(0, 2), { signals });
    expect(['node-1', 'node-2'].map((node) => count(plan, node))).toEqual([2, 4]);
  });

  it('says that every node has weight 0', () => {
    const plan = look(poolWith({ weights: [{ nodes: { kind: 'labels', labels: {} }, weight: 0 }] }), three);
    expect([...reasonsOf(plan)]).toEqual([Reason.ZeroWeight]);
  });

  it('leaves VIPs without a node rather than exceed the limit', () => {
    const plan = look(poolWith({ maxPerNode: 2 }), three.slice(0, 2));
    expect(['node-1', 'node-2'].map((node) => count(plan, node))).toEqual([2, 2]);
    expect([...plan.result.values()].filter(({ reason, node }) => reason === Reason.OverLimit && !node)).toHaveLength(
      2,
    );
  });

  it('spreads over zones before it balances nodes', () => {
    const zoned = (name: string, zone: string): NodeEntry => labelled(name, { zone });
    const entries = [zoned('node-1', 'a'), zoned('node-2', 'b'), zoned('node-3', 'b')];
    const plan = look(poolWith({ zoneKey: 'zone' }), entries);
    expect(count(plan, 'node-1')).toBe(3);
    expect(count(plan, 'node-2') + count(plan, 'node-3')).toBe(3);
  });

  it('fills preferred nodes first, and leaves them when they are lost', () => {
    const preferredNodes = [{ nodes: { kind: 'labels', labels: { site: 'a' } }, weight: 10 }] as const;
    const entries = [labelled('node-1', { site: 'a' }), labelled('node-2', { site: 'b' })];
    const item = poolWith({ preferredNodes });
    const first = look(item, entries);
    expect(count(first, 'node-1')).toBe(6);
    const [one, two] = entries;
    if (!one || !two) throw new Error('two nodes');
    const lost = look(item, [{ ...one, gone: 'lease-ended' }, two], { before: first, homes: first.homes });
    expect(count(lost, 'node-2')).toBe(6);
  });

  it('moves a group as one, and keeps another apart', () => {
    const [a, b, c, d] = [v('192.0.2.1'), v('192.0.2.2'), v('192.0.2.3'), v('192.0.2.4')];
    const groups = [
      { name: 'pair', members: [a, b], policy: 'Together' },
      { name: 'rivals', members: [c, d], policy: 'Apart' },
    ] as const;
    const item = poolWith({ groups });
    const nodes = three.slice(0, 2);
    const plan = look(item, nodes);
    const at = (from: PoolPlan, vip: VipAddress): NodeName | undefined => from.result.get(vip)?.node;
    expect(at(plan, a)).toBe(at(plan, b));
    expect(at(plan, c)).not.toBe(at(plan, d));
    const gone = nodes.map((entry): NodeEntry =>
      entry.node === at(plan, c) ? { ...entry, gone: 'lease-ended' } : entry,
    );
    const left = new Map([...holdersOf(plan)].filter(([, node]) => node !== at(plan, c)));
    const after = look(item, gone, { before: plan, holders: left, homes: plan.homes });
    expect(after.result.get(c)).toEqual({ node: undefined, reason: Reason.GroupApart, stranded: true });
    expect(at(after, a)).toBe(at(after, b));
  });

  it('B7 follows a role, and has no homes then', () => {
    const item = poolWith({ follow: { kind: 'Master' } });
    const followed = new Set([n('node-2')]);
    const plan = look(item, three, { signals: signalsOf(item, { followed }) });
    expect(count(plan, 'node-2')).toBe(6);
    expect(plan.homes.size).toBe(0);
    const next = signalsOf(item, { followed: new Set([n('node-3')]) });
    const after = look(item, three, { before: plan, holders: holdersOf(plan), signals: next });
    expect(count(after, 'node-3')).toBe(6);
    expect([...reasonsOf(after)]).toEqual([Reason.NotFollowed]);
    const nobody = look(item, three, { before: after, holders: holdersOf(after), signals: signalsOf(item, {}) });
    expect(holdersOf(nobody)).toEqual(holdersOf(after));
    expect([...reasonsOf(nobody)]).toEqual([Reason.NotFollowed]);
  });

  it('takes the share of a degraded node away, and brings it back', () => {
    const item = poolWith({});
    const plan = look(item, three.slice(0, 2));
    const degraded = signalsOf(item, { penalties: new Map([[n('node-1'), 50]]) });
    const during = look(item, three.slice(0, 2), { before: plan, holders: holdersOf(plan), signals: degraded });
    expect(['node-1', 'node-2'].map((node) => count(during, node))).toEqual([2, 4]);
    expect([...reasonsOf(during)].sort()).toEqual([Reason.Kept, Reason.NodeDegraded]);
    const after = look(item, three.slice(0, 2), { before: during, holders: holdersOf(during) });
    expect(holdersOf(after)).toEqual(holdersOf(plan));
  });

  it('C1 gives a full node nothing more until its load is below the low mark', () => {
    const item = poolWith({ capacity: { highPercent: 90, lowPercent: 75 } });
    const free = (part: number): Signals => ({ ...NO_SIGNALS, freeCapacity: new Map([[n('node-1'), part]]) });
    const look1 = look(item, three.slice(0, 2), { signals: free(0.05) });
    expect(count(look1, 'node-1')).toBe(0);
    const stillFull = look(item, three.slice(0, 2), { before: look1, signals: free(0.2) });
    expect(count(stillFull, 'node-1')).toBe(0);
    const holders = holdersOf(stillFull);
    const relieved = look(item, three.slice(0, 2), { before: stillFull, holders, signals: free(0.3) });
    expect(count(relieved, 'node-1')).toBe(3);
    const fullAgain = look(item, three.slice(0, 2), {
      before: relieved,
      holders: holdersOf(relieved),
      signals: free(0),
    });
    expect(count(fullAgain, 'node-1')).toBe(3);
  });

  it('never moves back with failback Never: who took over is the home', () => {
    const item = poolWith({}, { failback: { policy: 'Never', delayMs: 0 } });
    const holders = new Map(vips(6).map((vip) => [vip, n('node-3')]));
    const plan = look(item, three, { holders });
    expect([...reasonsOf(plan)]).toEqual([Reason.Kept]);
    expect(plan.homes).toEqual(holders);
  });

  it('returns what was asked for with failback Manual', () => {
    const item = poolWith({}, { failback: { policy: 'Manual', delayMs: 0 } });
    const first = look(item, three);
    const holders = new Map(vips(6).map((vip) => [vip, n('node-3')]));
    const waiting = look(item, three, { before: first, holders });
    expect([...reasonsOf(waiting)]).toEqual([Reason.Kept]);
    const [asked] = [...first.homes].find(([, home]) => home === n('node-1')) ?? [];
    if (asked === undefined) throw new Error('node-1 has homes');
    const signals = signalsOf(item, { failbackAsked: new Set([asked]) });
    const after = look(item, three, { before: waiting, holders, signals });
    const moved = [...after.result].filter(([, { reason }]) => reason !== Reason.Kept);
    expect(moved).toEqual([[asked, { node: n('node-1'), reason: Reason.Failback }]]);
  });

  it.each(['node-1', 'node-2', 'node-3'])(
    'D3 leaves the nodes that are homes of other pools to those, not %s',
    (free) => {
      const otherHomes = new Map(three.flatMap(({ node }) => (node === free ? [] : [[node, 3] as const])));
      const item = poolWith({}, { vips: vips(1) });
      expect(count(look(item, three, { otherHomes }), free)).toBe(1);
    },
  );

  it('is the same object for as long as only heartbeats arrive', () => {
    const item = poolWith({});
    const first = look(item, three);
    const second = look(item, three, { before: first, holders: holdersOf(first) });
    const beaten = three.map((entry) => ({ ...entry, lastHeard: NOW }));
    const third = look(item, beaten, { before: second, holders: holdersOf(second) });
    expect(third.result).toBe(second.result);
    expect(third.candidates).toBe(second.candidates);
  });

  it('decides with what it remembers as it does without', () => {
    const event = fc.record({
      node: fc.nat(4),
      change: fc.constantFrom('lose', 'return', 'unplug', 'plug', 'silence', 'degrade', 'mend', 'unstable'),
    });
    const rules = fc.constantFrom<Partial<PlacementRules>>(
      {},
      { maxPerNode: 3 },
      { zoneKey: 'zone' },
      { preferredNodes: [{ nodes: { kind: 'labels', labels: { zone: 'z0' } }, weight: 5 }] },
      { groups: [{ name: 'pair', members: vips(2), policy: 'Together' }] },
    );
    fc.assert(
      fc.property(rules, fc.array(event, { maxLength: 12 }), (some, events) => {
        const item = poolWith(some, { vips: vips(9) });
        let entries = Array.from({ length: 5 }, (_, i) => labelled(`node-${i + 1}`, { zone: `z${i % 2}` }));
        const penalties = new Map<NodeName, number>();
        let plan = look(item, entries);
        let { homes } = plan;
        for (const { node, change } of events) {
          const name = n(`node-${node + 1}`);
          if (change === 'degrade') penalties.set(name, 50);
          if (change === 'mend') penalties.delete(name);
          entries = entries.map((entry) => (entry.node === name ? changed(entry, change) : entry));
          const gone = new Set(entries.filter((entry) => entry.gone !== 'no').map((entry) => entry.node));
          const holders = new Map([...holdersOf(plan)].filter(([, holder]) => !gone.has(holder)));
          const signals = signalsOf(item, { penalties: new Map(penalties) });
          const fresh = look(item, entries, { holders, homes, signals });
          plan = look(item, entries, {
            before: plan,
            holders,
            homes,
            signals: penalties.size > 0 ? signals : NO_SIGNALS,
          });
          expect([...plan.result]).toEqual([...fresh.result]);
          ({ homes } = plan);
        }
      }),
      {
        numRuns: 1_000,
        examples: [
          // What a degraded node takes over for its zone may be more than its share.
          [
            { zoneKey: 'zone' },
            [
              { node: 1, change: 'unstable' },
              { node: 3, change: 'degrade' },
              { node: 2, change: 'lose' },
            ],
          ],
        ],
      },
    );
  });
});

function changed(entry: NodeEntry, change: string): NodeEntry {
  const carrier = (up: boolean): NodeEntry['interfaces'] => entry.interfaces.map((item) => ({ ...item, carrier: up }));
  switch (change) {
    case 'lose':
      return { ...entry, gone: 'lease-ended' };
    case 'return':
      return { ...entry, gone: 'no', session: 1, stableSince: monotonic(0) };
    case 'unplug':
      return { ...entry, interfaces: carrier(false) };
    case 'plug':
      return { ...entry, interfaces: carrier(true), stableSince: monotonic(0) };
    case 'silence':
      return { ...entry, session: undefined };
    case 'unstable':
      return { ...entry, stableSince: NOW };
    default:
      return entry;
  }
}
