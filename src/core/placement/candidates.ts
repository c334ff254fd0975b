/** How each node of a pool stands now: what it may hold, what it may be given, and since when it is well. */
import type { Standing } from '../health-book.ts';
import type { NodeName } from '../ids.ts';
import { heldOffUntil } from '../node-flaps.ts';
import { isReady, type NodeEntry, type NodeTable } from '../node-table.ts';
import { matchesSelector, type Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import { sameSet } from '../same-set.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';
import type { PlaceNode } from './board.ts';
import { withoutCutOff } from './cut-off.ts';
import type { Facts } from './facts.ts';
import { type Fitness, judgeFitness } from './fitness.ts';
import { type Roster, type RosterNode, scaledWeight } from './roster.ts';
import { NO_POOL_SIGNALS, type PoolSignals, type Signals } from './signals.ts';

export interface Candidates {
  /** The nodes of the roster, in its order. */
  readonly nodes: readonly PlaceNode[];
  /** The same without what checks say. */
  readonly plain: readonly PlaceNode[];
  /** Those that may hold nothing. */
  readonly unfit: ReadonlySet<NodeName>;
  /** Whether any node is healthy. */
  readonly fitness: Fitness['state'];
  /** When the failback delay of one of them ends next. */
  readonly wakeAt: Monotonic;
  /** What this was made of. */
  readonly facts: Facts;
  readonly signals: PoolSignals;
  readonly full: ReadonlySet<NodeName>;
}

export interface CandidatesWorld {
  readonly nodes: NodeTable;
  readonly facts: Facts;
  readonly signals: Signals;
}

/** @param before of the same roster */
export function candidatesOf(
  pool: Pool,
  roster: Roster,
  full: ReadonlySet<NodeName>,
  world: CandidatesWorld,
  before: Candidates | undefined,
  now: Monotonic,
): Candidates {
  const { facts } = world;
  const signals = world.signals.pools.get(pool.name) ?? NO_POOL_SIGNALS;
  const isCurrent = before?.signals === signals && now < before.wakeAt && sameSet(before.full, full);
  if (isCurrent && before.facts === facts) return before;
  const stableAtOf = (entry: NodeEntry | undefined): Monotonic =>
    entry ? addMs(wellSince(pool, entry, signals.health?.nodes.get(entry.node)), pool.failback.delayMs) : NEVER;
  let wakeAt = Number.POSITIVE_INFINITY as Monotonic;
  // Field by field: this is done for every node of every pool.
  const candidate = (own: RosterNode): PlaceNode => {
    const { node, weight, preference, zone } = own;
    const entry = world.nodes.get(node);
    const stableAt = stableAtOf(entry);
    if (stableAt > now && stableAt < wakeAt) wakeAt = stableAt;
    return {
      node,
      weight,
      preference,
      zone,
      effectiveWeight: scaledWeight(weight, 100 - Math.min(99, signals.penalties.get(node) ?? 0)),
      unfit: unfitness(pool, own, entry, signals),
      closed: closure(own, entry, signals, full),
      stable: entry !== undefined && stableAt <= now,
    };
  };
  const judged = (plain: readonly PlaceNode[]): Candidates => {
    const { nodes: fit, state } = judgeFitness(pool, plain, signals, now);
    const nodes = facts.isAnyQuiet ? withoutCutOff(pool, fit, world.nodes) : fit;
    const unfit = new Set<NodeName>();
    for (const item of nodes) if (item.unfit !== undefined) unfit.add(item.node);
    return { nodes, plain, unfit, fitness: state, wakeAt, facts, signals, full };
  };
  if (!isCurrent || before.facts.entries !== facts.before) return judged(roster.nodes.map(candidate));
  const changed = facts.changed.flatMap((node) => roster.index.get(node) ?? []);
  if (changed.length === 0) return { ...before, facts };
  wakeAt = before.wakeAt;
  const plain = [...before.plain];
  for (const i of changed) {
    const own = roster.nodes[i];
    if (own) plain[i] = candidate(own);
  }
  return judged(plain);
}

/** Since when the node is well in every respect; Infinity: it is not. */
function wellSince(
  { health: { damping } }: Pool,
  { stableSince, flaps }: NodeEntry,
  standing: Standing | undefined,
): Monotonic {
  const steadySince = Math.max(stableSince, heldOffUntil(flaps, damping) ?? NEVER) as Monotonic;
  if (!standing) return steadySince;
  const { fault, degraded, role } = standing;
  const items = role ? [fault, degraded, role.damped] : [fault, degraded];
  const sound = items.map((item) => item.soundSince ?? Number.POSITIVE_INFINITY);
  return Math.max(steadySince, ...sound) as Monotonic;
}

/** Why a node may hold nothing of the pool. */
function unfitness(
  pool: Pool,
  { node, weight }: RosterNode,
  entry: NodeEntry | undefined,
  { followed, perhapsFollowed, maintenance }: PoolSignals,
): Reason | undefined {
  if (!entry || entry.gone !== 'no') return entry?.gone === 'said-goodbye' ? Reason.NodeLeft : Reason.NodeLost;
  if (!matchesSelector(pool, entry.labels)) return Reason.NodeNotSelected;
  if (weight === 0) return Reason.ZeroWeight;
  const isFollowed = followed.has(node) || perhapsFollowed.has(node);
  if (pool.placement.follow.kind !== 'Any' && !isFollowed) return Reason.NotFollowed;
  if (maintenance.has(node)) return Reason.Maintenance;
  if (entry.leaving) return Reason.NodeLeft;
  // A holder that is merely quiet keeps what it holds until its lease has ended for certain.
  if (!isReady(entry)) return undefined;
  const { interface: choice } = pool;
  const isUp =
    choice.kind !== 'names' || entry.interfaces.some(({ name, carrier }) => carrier && choice.names.includes(name));
  return isUp ? undefined : Reason.InterfaceDown;
}

/** Why a node is given nothing more. */
function closure(
  { node }: RosterNode,
  entry: NodeEntry | undefined,
  { perhapsFollowed, health }: PoolSignals,
  full: ReadonlySet<NodeName>,
): Reason | undefined {
  if (entry && !isReady(entry)) return Reason.NodeLost;
  if (perhapsFollowed.has(node)) {
    return health?.nodes.get(node)?.role?.has === 'perhaps' ? Reason.HeldOff : Reason.CheckPending;
  }
  return full.has(node) ? Reason.CapacityFull : undefined;
}

/** Whether every node is as it was, or offers less: then what was at rest stays so. */
export function offerNoMore({ nodes }: Candidates, before: Candidates): boolean {
  if (nodes === before.nodes) return true;
  return nodes.every((node, i) => {
    const was = before.nodes[i];
    if (node === was) return true;
    const isWorse = node.unfit !== undefined || (was?.unfit === undefined && !(was?.stable === false && node.stable));
    const opens = was?.closed !== undefined && node.closed === undefined;
    return isWorse && !opens && node.effectiveWeight === was?.effectiveWeight;
  });
}
