/** What a master would look at, made of manifests and statuses alone: for those who ask and do not decide. */
import { isFrozen, type PoolBook, readSnapshot } from './controller/pools.ts';
import { settingsOf } from './controller/node-specs.ts';
import { explainer } from './health-message.ts';
import { signalsOf } from './health-signals.ts';
import { nodeName, vipAddress, type NodeName, type VipAddress } from './ids.ts';
import type { MasterWorld } from './master.ts';
import type { HeldVip } from './messages.ts';
import type { PoolManifest, SourceSnapshot } from './manifest.ts';
import type { NodeSettings } from './node-settings.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
import { NO_SIGNALS, type Signals } from './placement/signals.ts';
import type { Pool } from './pool.ts';
import { recordedHealth } from './recorded-health.ts';
import { recordedAt, recordedNode } from './recorded-nodes.ts';
import { type Monotonic, NEVER } from './time.ts';

/** What is assumed to happen to nodes, beside what is on record. */
export interface Supposed {
  /** Their leases end. */
  readonly failed?: ReadonlySet<NodeName>;
  /** They are under maintenance. */
  readonly drained?: ReadonlySet<NodeName>;
  /** Where the next master may run, should there be another one. Default: on any node. */
  readonly nextMasters?: ReadonlySet<NodeName> | undefined;
}

export interface RecordedWorld extends MasterWorld {
  /** What is "now" on record. */
  readonly at: Monotonic;
  readonly book: PoolBook;
  /** Who holds each VIP, before anything of what is supposed happens. */
  readonly holders: ReadonlyMap<VipAddress, NodeName>;
  /** Another controller becomes master, and no record tells where. */
  readonly changesMaster: boolean;
}

const NOBODY: ReadonlySet<NodeName> = new Set();

export function recordedWorld(snapshot: SourceSnapshot, supposed: Supposed): RecordedWorld {
  const { failed = NOBODY, drained = NOBODY } = supposed;
  const book = readSnapshot(undefined, snapshot);
  const at = recordedAt(snapshot.nodes);
  const held = heldOn(snapshot.pools);
  const nodes = nodesOf(snapshot, held, book.effective, failed, at);
  const settings = withDrained(book, drained);
  const settingsFor = (node: NodeName): NodeSettings => settings.get(node) ?? settingsOf(book.nodeSpecs, node);
  const known = { pools: book.effective, nodes, settingsOf: settingsFor };
  const health = recordedHealth({ ...known, manifests: book.manifests, records: snapshot.nodes }, at);
  const master = snapshot.nodes.find(({ status }) => status?.role === 'Master')?.name ?? nodeName('');
  const changesMaster = failed.has(master) || (drained.has(master) && handsOver(snapshot.pools));
  const signals = signalsOf(NO_SIGNALS, { ...known, settings, book: health, masterNode: master });
  const nextMasters = supposed.nextMasters ?? new Set(nodes.keys());
  return {
    pools: book.effective,
    nodes,
    records: book.records,
    previousHomes: book.previousHomes,
    previousMoves: book.previousMoves,
    signals: changesMaster ? withMasters(signals, book.effective, nextMasters) : signals,
    explain: explainer(health),
    isFrozen: (pool) => isFrozen(book, pool),
    blindUntil: NEVER,
    at,
    book,
    holders: new Map([...held].flatMap(([node, vips]) => vips.map(({ vip }) => [vip, node] as const))),
    changesMaster,
  };
}

function heldOn(manifests: readonly PoolManifest[]): ReadonlyMap<NodeName, readonly HeldVip[]> {
  const held = new Map<NodeName, HeldVip[]>();
  for (const { name, status } of manifests) {
    for (const { address, node, interface: link = '' } of status?.bindings ?? []) {
      if (node === undefined) continue;
      const own = held.get(nodeName(node)) ?? [];
      held.set(nodeName(node), own);
      own.push({ vip: vipAddress(address), pool: name, interface: link, prefixLength: 0 });
    }
  }
  return held;
}

function nodesOf(
  { nodes: records }: SourceSnapshot,
  held: ReadonlyMap<NodeName, readonly HeldVip[]>,
  pools: readonly Pool[],
  failed: ReadonlySet<NodeName>,
  at: Monotonic,
): NodeTable {
  const nodes = new Map<NodeName, NodeEntry>();
  for (const record of records) {
    const entry = recordedNode(record, held.get(record.name) ?? [], pools, at);
    if (!entry) continue;
    nodes.set(entry.node, entry.gone === 'no' && failed.has(entry.node) ? { ...entry, gone: 'lease-ended' } : entry);
  }
  return nodes;
}

function withDrained({ nodeSpecs }: PoolBook, drained: ReadonlySet<NodeName>): ReadonlyMap<NodeName, NodeSettings> {
  const settings = new Map([...nodeSpecs].map(([node, spec]) => [node, spec.settings]));
  for (const node of drained) settings.set(node, { ...settingsOf(nodeSpecs, node), maintenance: true });
  return settings;
}

/** Where the lock alone decides who is master, a drained one stays in office. */
const handsOver = (manifests: readonly PoolManifest[]): boolean =>
  manifests.some(({ status }) =>
    status?.conditions?.some(({ type, status: value }) => type === 'ControllersVote' && value === 'True'),
  );

function withMasters(signals: Signals, pools: readonly Pool[], followed: ReadonlySet<NodeName>): Signals {
  const of = new Map(signals.pools);
  for (const { name, placement } of pools) {
    const own = of.get(name);
    if (own && placement.follow.kind === 'Master') of.set(name, { ...own, followed });
  }
  return { ...signals, pools: of };
}
