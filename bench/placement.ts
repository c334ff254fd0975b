/**
 * How long the decision about 10,000 VIPs on 1,000 nodes takes: all of it, and again after one change. Placement alone,
 * also of pools with rules, and the master's whole look at its world, which also knows what every node confirmed.
 */
import { nodeName, poolName, type VipAddress, vipAddress } from '../src/core/ids.ts';
import { type MasterState, type MasterWorld, newMaster, reconcile } from '../src/core/master.ts';
import { NO_MOVES } from '../src/core/moved-homes.ts';
import type { NodeEntry, NodeTable } from '../src/core/node-table.ts';
import { allMembers } from '../src/core/membership.ts';
import { factsOf, NO_FACTS } from '../src/core/placement/facts.ts';
import type { PlanWorld } from '../src/core/placement/plan.ts';
import { planPools, type PoolPlans } from '../src/core/placement/plans.ts';
import { NO_RULES, type PlacementRules } from '../src/core/placement/rules.ts';
import { NO_SIGNALS, type Signals } from '../src/core/placement/signals.ts';
import type { Pool } from '../src/core/pool.ts';
import { Reason } from '../src/core/reasons.ts';
import { monotonic, NEVER } from '../src/core/time.ts';
import { applied, held, nodeEntry, pool, term } from '../src/testing/core-builders.ts';
import { atMost, type BenchRow, type Bound, median } from './table.ts';

const NODES = 1_000;
const VIPS = 10_000;
/** From pools about as great as they may be to small ones. */
const POOL_COUNTS = [5, 10, 100];
const RULED_POOLS = 10;
const RULES: PlacementRules = {
  ...NO_RULES,
  zoneKey: 'zone',
  maxPerNode: 5,
  weights: [{ nodes: { kind: 'labels', labels: { zone: 'z1' } }, weight: 50 }],
};
/** Longest that a decision may take: about everything, as after a change of weights, and after a node was lost or is back. */
const FULL_MS = 50;
const CHANGE_MS = 5;
const NOW = monotonic(1_000_000);
const REIGN = term(5);

/** @throws Error where a decision is not the one that it must be: then there is no speed to speak of. */
export const benchPlacement = (runs = 5): BenchRow[] => [
  ...POOL_COUNTS.flatMap((count) => benchPools(makePools(count), `${count} pools`, runs, atMost)),
  // What zones cost is told, and not promised.
  ...benchPools(makePools(RULED_POOLS, RULES), `${RULED_POOLS} pools with zones, weights and limits`, runs),
];

function benchPools(pools: readonly Pool[], which: string, runs: number, promised?: (ms: number) => Bound): BenchRow[] {
  const nodes = makeNodes();
  const lost = new Map(nodes).set(nodeName('node-500'), { ...entryOf(nodes, 'node-500'), gone: 'lease-ended' });
  // A master has been at work for a while.
  oneRun(pools, nodes, lost);
  const times = Array.from({ length: runs }, () => oneRun(pools, nodes, lost));
  const row = (what: string, of: (run: Run) => number, bound?: Bound): BenchRow => ({
    name: `${what}, ${VIPS} VIPs in ${which} on ${NODES} nodes`,
    unit: 'ms',
    value: Number(median(times.map(of)).toFixed(2)),
    runs,
    ...(bound && { bound }),
  });
  return [
    row('placement, full', (run) => run.fullMs, promised?.(FULL_MS)),
    row('placement, one node lost', (run) => run.lostMs, promised?.(CHANGE_MS)),
    row('placement, one node back', (run) => run.backMs, promised?.(CHANGE_MS)),
    row('placement, weight of one node changed', (run) => run.weightMs, promised?.(FULL_MS)),
    row('placement, nothing changed', (run) => run.idleMs),
    row('whole decision, full', (run) => run.masterFullMs),
    row('whole decision, one node lost', (run) => run.masterLostMs),
  ];
}

interface Run {
  readonly fullMs: number;
  readonly lostMs: number;
  readonly backMs: number;
  readonly weightMs: number;
  readonly idleMs: number;
  readonly masterFullMs: number;
  readonly masterLostMs: number;
}

function oneRun(pools: readonly Pool[], nodes: NodeTable, lost: NodeTable): Run {
  const [first, fullMs] = timed(() => placeAll(pools, nodes, new Map(), new Map()));
  const holders = holdersIn(first);
  if (holders.size !== VIPS) throw new Error(`${holders.size} of ${VIPS} VIPs placed`);
  const calm = placeAll(pools, nodes, holders, first);
  const left = new Map([...holders].filter(([, node]) => node !== nodeName('node-500')));
  const [after, lostMs] = timed(() => placeAll(pools, lost, left, calm));
  const moved = [...holdersIn(after)].filter(([vip, node]) => holders.get(vip) !== node).length;
  if (moved !== VIPS - left.size) throw new Error(`${moved} VIPs moved, ${VIPS - left.size} had to`);
  const around = placeAll(pools, lost, holdersIn(after), after);
  const [, backMs] = timed(() => placeAll(pools, nodes, holdersIn(around), around));
  const lighter = { ...NO_SIGNALS, nodeWeights: new Map([[nodeName('node-500'), 1]]) };
  const [, weightMs] = timed(() => placeAll(pools, nodes, holders, calm, lighter));
  const [, idleMs] = timed(() => placeAll(pools, nodes, holders, calm));
  return { fullMs, lostMs, backMs, weightMs, idleMs, ...masterRun(pools, nodes) };
}

/** What the master does of it at each event. */
function placeAll(
  pools: readonly Pool[],
  nodes: NodeTable,
  holders: PlanWorld['holders'],
  before: PoolPlans,
  signals: Signals = NO_SIGNALS,
): PoolPlans {
  const entries = [...nodes.values()];
  const [known] = before.values();
  const world = {
    nodes,
    facts: factsOf(entries, known?.candidates.facts ?? NO_FACTS),
    members: known?.members ?? allMembers(new Map(), nodes),
    signals,
    holders,
    moved: NO_MOVES,
    previousHome: (vip: VipAddress) => holders.get(vip),
    refused: () => false,
    refusedVips: new Set<VipAddress>(),
    lossReason: () => Reason.NodeLost,
  };
  return planPools(pools, before, world, NOW);
}

/** From nothing until every VIP is held and confirmed; then a node is lost. */
function masterRun(pools: readonly Pool[], nodes: NodeTable): Pick<Run, 'masterFullMs' | 'masterLostMs'> {
  const world: Omit<MasterWorld, 'nodes'> = {
    pools,
    isFrozen: () => false,
    records: new Map([...nodes.values()].map(({ node, labels }) => [node, labels])),
    previousHomes: new Map(),
    blindUntil: NEVER,
  };
  const settled = confirm(nodes, reconcile(newMaster(REIGN), { ...world, nodes }, NOW).state);
  const empty = reconcile(newMaster(REIGN), { ...world, nodes }, NOW).state;
  const [given, masterFullMs] = timed(() => reconcile(empty, { ...world, nodes: settled }, NOW));
  const bound = confirm(nodes, given.state);
  const calm = reconcile(given.state, { ...world, nodes: bound }, NOW);
  if (calm.views.some(({ bindings }) => bindings.some(({ state }) => state !== 'Bound'))) throw new Error('not bound');
  const gone = new Map(bound).set(nodeName('node-500'), { ...entryOf(bound, 'node-500'), gone: 'lease-ended' });
  const [after, masterLostMs] = timed(() => reconcile(calm.state, { ...world, nodes: gone }, NOW));
  if (after.outgoing.length === 0) throw new Error('nobody takes over');
  return { masterFullMs, masterLostMs };
}

/** Every node reports that it did what it was told. */
function confirm(nodes: NodeTable, { commitments, term: reign }: MasterState): NodeTable {
  return new Map(
    [...nodes].map(([node, entry]) => {
      const commitment = commitments.get(node);
      const items = [...(commitment?.vips.values() ?? [])].map(({ vip, pool: name }) => held(vip, name));
      const { lease } = entry;
      const report = applied(node, { lease, term: reign, version: commitment?.version ?? 0, held: items });
      return [node, { ...entry, applied: report }];
    }),
  );
}

function timed<T>(work: () => T): [T, number] {
  const begun = performance.now();
  const result = work();
  return [result, performance.now() - begun];
}

const entryOf = (nodes: NodeTable, name: string): NodeEntry => {
  const entry = nodes.get(nodeName(name));
  if (!entry) throw new Error(`no ${name}`);
  return entry;
};

function holdersIn(plans: PoolPlans): Map<VipAddress, NodeEntry['node']> {
  const holders = new Map<VipAddress, NodeEntry['node']>();
  for (const { result } of plans.values()) {
    for (const [vip, { node }] of result) if (node !== undefined) holders.set(vip, node);
  }
  return holders;
}

const makeNodes = (): NodeTable =>
  new Map(
    Array.from({ length: NODES }, (_, i) => {
      const entry = nodeEntry(`node-${i + 1}`, { labels: { zone: `z${i % 3}` }, highestTerm: REIGN });
      return [entry.node, entry] as const;
    }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const makePools = (count: number, placement: PlacementRules = NO_RULES): Pool[] =>
  Array.from({ length: count }, (_, number) =>
    pool({
      name: poolName(`pool-${number}`),
      placement,
      vips: Array.from({ length: VIPS / count }, (_, i) => vipAddress(`10.${number}.${i >> 8}.${i & 255}`)),
    }),
  );
