/** Raw material of every status, collected when something changed and rendered when it is written. */
import type { PoolVerdict } from '../condition-table.ts';
import type { Electorate } from '../electorate.ts';
import type { Standing } from '../health-book.ts';
import type { NodeName, PoolName } from '../ids.ts';
import type { NodeRecord, PoolManifest } from '../manifest.ts';
import { allMembers } from '../membership.ts';
import type { NodeSettings } from '../node-settings.ts';
import { heldOffUntil } from '../node-flaps.ts';
import { isHeard, type NodeEntry, type NodeTable } from '../node-table.ts';
import type { LostAddress } from '../pool-conflicts.ts';
import type { DoneMove } from '../move-log.ts';
import { usedWithoutCarrier } from '../pool-interfaces.ts';
import type { PoolView } from '../pool-view.ts';
import { matchesSelector, type Pool, type Problem } from '../pool.ts';
import { hasLeft } from '../recorded-nodes.ts';
import { remembered } from '../remembered.ts';
import type { Term } from '../term.ts';
import type { Care } from './caring.ts';
import type { ControllerConfig, ControllerState } from './controller-state.ts';
import { settingsOf } from './node-specs.ts';
import { answersElsewhere, networkVerdicts, type NetworkWorld } from './network-verdicts.ts';
import { homesUnusable } from './home-faults.ts';
import { interfaceMissing, whyNobody } from './interface-faults.ts';
import { poolHealth } from './pool-health.ts';
import type { PoolBook } from './pools.ts';
import { stranded } from './stranded.ts';

export interface PoolReport {
  readonly manifest: PoolManifest;
  /** Undefined where no version of the pool was ever valid, or it is being removed. */
  readonly view: PoolView | undefined;
  readonly problems: readonly Problem[];
  readonly conflicts: readonly LostAddress[];
  /** What keeps its nodes from serving it as they should; undefined where no version of it is in force. */
  readonly degraded: PoolVerdict | undefined;
  /** Why no node is fit for it at all, as far as selector or interface are the cause. */
  readonly whyNobody?: () => string | undefined;
  /** What is known of the two networks; empty where no version of it is in force. */
  readonly networks: readonly PoolVerdict[];
  /** Moves of this reign, the newest first. */
  readonly moves: readonly DoneMove[];
  /** All moves that were found done with this report. */
  readonly moved: readonly DoneMove[];
  readonly electorate: Electorate | undefined;
  /** What keeps its next change waiting; undefined where there is none, or nothing does. */
  readonly changeWaitsFor: string | undefined;
  readonly term: Term;
}

export interface NodeReport {
  readonly name: NodeName;
  /** Undefined: on record, but nothing was ever heard of it by this controller. */
  readonly entry: NodeEntry | undefined;
  /** Milliseconds since its last heartbeat. */
  readonly silentMs: number;
  readonly record: NodeRecord | undefined;
  /** What is wrong with the spec of its NodeHealth. */
  readonly problems: readonly Problem[];
  /** Since it reported its checks last. */
  readonly reportedMsAgo: number;
  /** For how long it has held its lease. */
  readonly leasedMs: number;
  /** Interfaces without a carrier that its pools use. */
  readonly withoutCarrier: readonly string[];
  /** What its checks say, by pool. */
  readonly standings: readonly NodeStanding[];
  /** Pools to which it does not count as stable, since it flapped. */
  readonly flapping: readonly HoldOffOfPool[];
  /** An administrator drains it. */
  readonly maintenance: boolean;
  /** The controller that is master runs there. */
  readonly isMaster: boolean;
  /** What another node met on the service network: this one still answers. */
  readonly answering: string | undefined;
  /** It answers no multicast of the master, while others do. */
  readonly isMute: boolean;
  readonly term: Term;
}

export interface NodeStanding {
  readonly pool: PoolName;
  readonly standing: Standing;
  /** Until when it gets nothing of the pool, in milliseconds from now; undefined: it does. */
  readonly heldOffMs: number | undefined;
  /** Until when its penalty outlasts what it is for, in milliseconds from now; undefined: it does not. */
  readonly degradedMs: number | undefined;
}

export interface HoldOffOfPool {
  readonly pool: PoolName;
  /** Until when, in milliseconds from now. */
  readonly heldOffMs: number;
}

export interface StatusReport {
  readonly pools: ReadonlyMap<PoolName, PoolReport>;
  readonly nodes: ReadonlyMap<string, NodeReport>;
}

/** A refusal that names a MAC of this node. */
function contradiction(entry: NodeEntry, views: readonly PoolView[]): string | undefined {
  const refusals = views.flatMap((view) => view.refusals).filter(({ reason }) => reason === 'HolderAnswers');
  return refusals.find(({ message }) => entry.interfaces.some(({ mac }) => mac !== '' && message.includes(mac)))
    ?.message;
}

/** Nodes on record that did not leave in order. */
const expectedIn = remembered(
  (records: readonly NodeRecord[]) => new Set(records.filter((record) => !hasLeft(record)).map(({ name }) => name)),
);

/** `blindUntil`: until then no node is missed that this controller has not heard yet. */
export function statusReport(
  {
    electorate,
    changeWaitsFor,
    care,
    blindUntil,
  }: Pick<ControllerState, 'electorate' | 'changeWaitsFor' | 'care' | 'blindUntil'>,
  pools: PoolBook,
  table: NodeTable,
  views: readonly PoolView[],
  { node: masterNode }: ControllerConfig,
  term: Term,
  now: number,
): StatusReport {
  const viewOf = new Map(views.map((view) => [view.pool, view]));
  const settings = (node: NodeName): NodeSettings => settingsOf(pools.nodeSpecs, node);
  const degradedOf = (pool: Pool, view: PoolView | undefined): PoolVerdict => {
    const health = poolHealth(pool, care.book.get(pool.name), table);
    if (health.status === 'True') return health;
    return (
      stranded(pool, view, table, settings) ??
      interfaceMissing(pool, table) ??
      homesUnusable(pool, { nodes: table, records: pools.records, settingsOf: settings }) ??
      health
    );
  };
  const networks: NetworkWorld = {
    members: allMembers(pools.records, table),
    nodes: table,
    mute: care.mute,
    isMissed: (node) => now >= blindUntil && expectedIn(pools.nodes).has(node),
  };
  const reports = new Map<PoolName, PoolReport>();
  for (const manifest of pools.manifests.values()) {
    const { name } = manifest;
    const pool = pools.valid.get(name);
    reports.set(name, {
      manifest,
      view: viewOf.get(name),
      problems: pools.problems.get(name) ?? [],
      conflicts: pools.conflicts.get(name) ?? [],
      degraded: pool && degradedOf(pool, viewOf.get(name)),
      ...(pool && { whyNobody: () => whyNobody(pool, table) }),
      networks: pool ? networkVerdicts(pool, networks) : [],
      moves: care.moves.done.get(name) ?? [],
      moved: care.moves.finished.get(name) ?? [],
      electorate,
      changeWaitsFor,
      term,
    });
  }
  const nodes = new Map<string, NodeReport>();
  const add = (name: NodeName, known: Pick<NodeReport, 'entry' | 'record' | 'answering'>): void => {
    const { entry } = known;
    nodes.set(name, {
      ...known,
      name,
      silentMs: entry ? now - entry.lastHeard : 0,
      reportedMsAgo: entry ? now - entry.healthAt : 0,
      leasedMs: entry ? now - entry.leaseSince : 0,
      problems: pools.nodeSpecs.get(name)?.problems ?? [],
      withoutCarrier: entry ? usedWithoutCarrier(entry, pools.effective) : [],
      standings: entry ? standingsOf(name, care, now) : [],
      flapping: entry ? flappingIn(pools.effective, entry, now) : [],
      maintenance: settings(name).maintenance,
      isMaster: name === masterNode,
      isMute: care.mute.has(name),
      term,
    });
  };
  for (const record of pools.nodes) add(record.name, { entry: undefined, record, answering: undefined });
  for (const entry of table.values()) {
    // A lost node whose record somebody removed is not brought back.
    if ((entry.gone !== 'no' || !isHeard(entry)) && !nodes.has(entry.node)) continue;
    const record = nodes.get(entry.node)?.record;
    const answering = entry.gone === 'no' ? undefined : (contradiction(entry, views) ?? answersElsewhere(entry, table));
    add(entry.node, { entry: isHeard(entry) ? entry : undefined, record, answering });
  }
  return { pools: reports, nodes };
}

const flappingIn = (pools: readonly Pool[], { labels, flaps }: NodeEntry, now: number): HoldOffOfPool[] =>
  pools.flatMap((pool) => {
    const until = matchesSelector(pool, labels) ? heldOffUntil(flaps, pool.health.damping) : undefined;
    return until !== undefined && until > now ? [{ pool: pool.name, heldOffMs: until - now }] : [];
  });

const standingsOf = (node: NodeName, { book }: Care, now: number): NodeStanding[] =>
  [...book].flatMap(([pool, { nodes }]) => {
    const standing = nodes.get(node);
    if (!standing) return [];
    const left = (until: number | undefined): number | undefined => (until === undefined ? undefined : until - now);
    return [{ pool, standing, heldOffMs: left(standing.heldOffUntil), degradedMs: left(standing.degradedUntil) }];
  });
