/** How each node of a pool stands now: what it may hold, what it may be given, and since when it is well. */
import type { Standing } from '../health-book.ts';
import type { NodeName } from '../ids.ts';
import { chooseInterface } from '../interface-choice.ts';
import { isReady, type NodeEntry, type NodeTable } from '../node-table.ts';
import { matchesSelector, type Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';
import type { PlaceNode } from './board.ts';
import type { HomeNode } from './homes.ts';
import { type Fitness, judgeFitness } from './fitness.ts';
import { scaledWeight } from './roster.ts';
import { NO_POOL_SIGNALS, type PoolSignals, type Signals } from './signals.ts';

export interface Candidates {
  readonly nodes: readonly PlaceNode[];
  /** Whether any node is healthy. */
  readonly fitness: Fitness['state'];
  /** When the failback delay of one of them ends next. */
  readonly wakeAt: Monotonic;
  /** What this was made of. */
  readonly facts: object;
  readonly signals: PoolSignals;
  readonly full: ReadonlySet<NodeName>;
}

export interface CandidatesWorld {
  readonly nodes: NodeTable;
  /** The same object for as long as nothing of the nodes has changed that placement looks at. */
  readonly facts: object;
  readonly signals: Signals;
}

export function candidatesOf(
  pool: Pool,
  roster: readonly HomeNode[],
  full: ReadonlySet<NodeName>,
  world: CandidatesWorld,
  before: Candidates | undefined,
  now: Monotonic,
): Candidates {
  const { facts } = world;
  const signals = world.signals.pools.get(pool.name) ?? NO_POOL_SIGNALS;
  if (before?.facts === facts && before.signals === signals && now < before.wakeAt && isSame(before.full, full)) {
    return before;
  }
  let wakeAt = Number.POSITIVE_INFINITY;
  const nodes = roster.map((home): PlaceNode => {
    const entry = world.nodes.get(home.node);
    const standing = signals.health?.nodes.get(home.node);
    const stableAt = entry ? addMs(wellSince(entry, standing), pool.failback.delayMs) : NEVER;
    if (entry && stableAt > now) wakeAt = Math.min(wakeAt, stableAt);
    return {
      ...home,
      effectiveWeight: scaledWeight(home.weight, 100 - Math.min(99, signals.penalties.get(home.node) ?? 0)),
      unfit: unfitness(pool, home, entry, signals),
      closed: entry && !isReady(entry) ? Reason.NodeLost : full.has(home.node) ? Reason.CapacityFull : undefined,
      stable: entry !== undefined && stableAt <= now,
    };
  });
  const fitness = judgeFitness(pool, nodes, signals, now);
  return { nodes: fitness.nodes, fitness: fitness.state, wakeAt: wakeAt as Monotonic, facts, signals, full };
}

/** Since when the node is well in every respect; Infinity: it is not. */
function wellSince({ stableSince }: NodeEntry, standing: Standing | undefined): Monotonic {
  if (!standing) return stableSince;
  const sound = [standing.fault, standing.degraded].map((item) => item.soundSince ?? Number.POSITIVE_INFINITY);
  return Math.max(stableSince, ...sound) as Monotonic;
}

/** Why a node may hold nothing of the pool. */
function unfitness(
  pool: Pool,
  { node, weight }: HomeNode,
  entry: NodeEntry | undefined,
  { followed, maintenance }: PoolSignals,
): Reason | undefined {
  if (!entry || entry.gone !== 'no') return entry?.gone === 'said-goodbye' ? Reason.NodeLeft : Reason.NodeLost;
  if (!matchesSelector(pool, entry.labels)) return Reason.NodeNotSelected;
  if (weight === 0) return Reason.ZeroWeight;
  if (pool.placement.follow.kind !== 'Any' && !followed.has(node)) return Reason.NotFollowed;
  if (maintenance.has(node)) return Reason.Maintenance;
  // A holder that is merely quiet keeps what it holds until its lease has ended for certain.
  if (!isReady(entry)) return undefined;
  const [vip] = pool.vips;
  const isDown =
    pool.interface.kind === 'names' &&
    vip !== undefined &&
    !chooseInterface(pool.interface, entry.interfaces, vip)?.carrier;
  return isDown ? Reason.InterfaceDown : undefined;
}

const isSame = (a: ReadonlySet<NodeName>, b: ReadonlySet<NodeName>): boolean =>
  a.size === b.size && [...a].every((node) => b.has(node));
