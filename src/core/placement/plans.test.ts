import { describe, expect, it } from '@jest/globals';
import { applied, link, n, nodeEntry, pool, v, vips } from '../../testing/core-builders.ts';
import { poolName, type NodeName, type VipAddress } from '../ids.ts';
import { allMembers } from '../membership.ts';
import { NO_MOVES } from '../moved-homes.ts';
import type { NodeEntry } from '../node-table.ts';
import type { Pool } from '../pool.ts';
import { addMs, monotonic } from '../time.ts';
import { factsOf, NO_FACTS } from './facts.ts';
import { planPools, type PoolPlans } from './plans.ts';
import { NO_RULES } from './rules.ts';
import { NO_POOL_SIGNALS, NO_SIGNALS, type Signals } from './signals.ts';

const NOW = monotonic(1_000_000);
const FIRST = poolName('first');
const SECOND = poolName('second');
const NOBODY: PoolPlans = new Map();

interface Look {
  readonly before?: PoolPlans;
  readonly signals?: Signals;
  readonly homes?: ReadonlyMap<VipAddress, NodeName>;
}

function look(pools: readonly Pool[], entries: readonly NodeEntry[], given: Look = {}): PoolPlans {
  const { before = NOBODY, signals = NO_SIGNALS } = given;
  const [known] = before.values();
  const nodes = new Map(entries.map((entry) => [entry.node, entry]));
  const world = {
    nodes,
    facts: factsOf(entries, known?.candidates.facts ?? NO_FACTS),
    members: known?.members ?? allMembers(new Map(), nodes),
    signals,
    holders: new Map<VipAddress, NodeName>(),
    moved: NO_MOVES,
    previousHome: (vip: VipAddress) => given.homes?.get(vip),
    refused: () => false,
    refusedVips: new Set<VipAddress>(),
    lossReason: () => undefined,
  };
  return planPools(pools, before, world, NOW);
}

const ready = (name: string, over: Partial<NodeEntry>): NodeEntry =>
  nodeEntry(name, { applied: applied(name), ...over });

/** One has not been up for long, one has another interface, one has a label. */
const ENTRIES = [
  ready('node-1', { stableSince: addMs(NOW, -10_000) }),
  ready('node-2', { interfaces: [link({ name: 's1' })] }),
  ready('node-3', { labels: { disk: 'ssd' } }),
];

const first = pool({ name: FIRST });
const second = (over: Partial<Pool> = {}): Pool => pool({ ...over, name: SECOND, vips: [v('198.51.100.1')] });

describe('the plans of all pools', () => {
  it('look once at the nodes of pools that see the same, and again only when something changes', () => {
    const pools = [first, second()];
    const plans = look(pools, ENTRIES);
    expect(plans.get(SECOND)?.candidates).toBe(plans.get(FIRST)?.candidates);
    const lost = ENTRIES.map((entry, i): NodeEntry => (i === 0 ? { ...entry, gone: 'lease-ended' } : entry));
    const after = look(pools, lost, { before: plans });
    expect(after.get(SECOND)?.candidates).toBe(after.get(FIRST)?.candidates);
    expect([...(after.get(SECOND)?.candidates.unfit ?? [])]).toEqual([n('node-1'), n('node-2')]);
  });

  const ownSignals = { ...NO_POOL_SIGNALS, maintenance: new Set([n('node-3')]) };
  const crowded = { ...NO_SIGNALS, freeCapacity: new Map([[n('node-3'), 0.01]]) };
  it.each<[string, Partial<Pool>, Signals]>([
    ['failback delay', { failback: { policy: 'Automatic', delayMs: 5_000 } }, NO_SIGNALS],
    ['interface', { interface: { kind: 'names', names: ['s1'] } }, NO_SIGNALS],
    ['node selector', { nodeSelector: { disk: 'ssd' } }, NO_SIGNALS],
    ['followed role', { placement: { ...NO_RULES, follow: { kind: 'Master' } } }, NO_SIGNALS],
    ['drained nodes', {}, { ...NO_SIGNALS, pools: new Map([[SECOND, ownSignals]]) }],
    ['capacity', { placement: { ...NO_RULES, capacity: { highPercent: 80, lowPercent: 70 } } }, crowded],
  ])('look at the nodes of a pool that differs in %s as if it were alone', (_, over, signals) => {
    const plans = look([first, second(over)], ENTRIES, { signals });
    const alone = look([second(over)], ENTRIES, { signals });
    expect(plans.get(SECOND)?.candidates.nodes).toEqual(alone.get(SECOND)?.candidates.nodes);
    expect(plans.get(SECOND)?.candidates.nodes).not.toEqual(plans.get(FIRST)?.candidates.nodes);
  });

  it('keep a pool off silent nodes whatever a pool without VIPs sees', () => {
    const silence = { reach: [{ interface: 's0', state: 'Silent' }] } as const;
    const answer = { reach: [{ interface: 's0', state: 'Answered' }] } as const;
    const entries = [ready('node-1', silence), ready('node-2', answer)];
    const plans = look([pool({ name: FIRST, vips: [] }), second()], entries);
    expect([...(plans.get(SECOND)?.candidates.unfit ?? [])]).toEqual([n('node-1')]);
  });

  it('give a pool homes where the pools before it have fewest, whether these are new or known', () => {
    const three = ['node-1', 'node-2', 'node-3'].map((name) => ready(name, {}));
    const two = vips(2);
    const known = pool({ name: FIRST, vips: two });
    const homes = new Map(two.map((vip, i) => [vip, n(`node-${i + 1}`)]));
    const before = look([known], three, { homes });
    for (const plans of [look([known, second()], three, { homes }), look([known, second()], three, { before })]) {
      expect([...(plans.get(SECOND)?.homes.values() ?? [])]).toEqual([n('node-3')]);
    }
  });
});
