/** What health, node settings and roles mean for placement; unchanged parts are the same objects as before. */
import { perhapsWithRole, withRole } from './followed-role.ts';
import type { HealthBook, Standing } from './health-book.ts';
import type { NodeName } from './ids.ts';
import type { NodeSettings } from './node-settings.ts';
import type { NodeTable } from './node-table.ts';
import type { CapacityMarks } from './placement/rules.ts';
import { NO_POOL_SIGNALS, type PoolSignals, type Signals, usedPercent } from './placement/signals.ts';
import type { Pool } from './pool.ts';

export interface SignalWorld {
  readonly pools: readonly Pool[];
  readonly nodes: NodeTable;
  readonly settings: ReadonlyMap<NodeName, NodeSettings>;
  readonly book: HealthBook;
  /** Where the master runs. */
  readonly masterNode: NodeName;
}

const NO_CAPACITY: Signals['freeCapacity'] = new Map();

export function signalsOf(before: Signals, world: SignalWorld): Signals {
  const declared = [...world.settings];
  const weights = new Map(declared.flatMap(([node, { weight }]) => (weight === undefined ? [] : [[node, weight]])));
  const drained = new Set(declared.flatMap(([node, { maintenance }]) => (maintenance ? [node] : [])));
  const nodeWeights = same(before.nodeWeights, weights);
  const freeCapacity = same(before.freeCapacity, capacityOf(before.freeCapacity, world));
  const pools = new Map(
    world.pools.map((pool) => [pool.name, poolSignals(pool, before.pools.get(pool.name), drained, world)]),
  );
  return { nodeWeights, freeCapacity, pools };
}

/**
 * Of nodes that told it, where some pool looks at it. A change that crosses no mark of a pool is none: most of what
 * thousand nodes tell of their load decides nothing.
 */
function capacityOf(before: Signals['freeCapacity'], { pools, nodes }: SignalWorld): Signals['freeCapacity'] {
  const marks = pools.flatMap(({ placement: { capacity } }) => (capacity ? [capacity] : []));
  if (marks.length === 0) return NO_CAPACITY;
  const bandsOf = (free: number): string => marks.map((mark) => bandOf(usedPercent(free), mark)).join();
  const free = new Map<NodeName, number>();
  for (const { node, load } of nodes.values()) {
    if (!load) continue;
    const now = 1 - Math.max(load.processorPercent, load.memoryPercent) / 100;
    const known = before.get(node);
    free.set(node, known !== undefined && bandsOf(known) === bandsOf(now) ? known : now);
  }
  return free;
}

const bandOf = (used: number, { highPercent, lowPercent }: CapacityMarks): 'full' | 'between' | 'room' =>
  used > highPercent ? 'full' : used >= lowPercent ? 'between' : 'room';

function poolSignals(
  pool: Pool,
  before: PoolSignals = NO_POOL_SIGNALS,
  drained: ReadonlySet<NodeName>,
  world: SignalWorld,
): PoolSignals {
  const health = world.book.get(pool.name);
  const standings = [...(health?.nodes ?? [])];
  const roles = rolesIn(standings, world);
  const signals: PoolSignals = {
    penalties: same(
      before.penalties,
      new Map(standings.flatMap(([node, { penalty }]) => (penalty > 0 ? [[node, penalty]] : []))),
    ),
    followed: sameSet(before.followed, followedNodes(pool, roles, world)),
    perhapsFollowed: sameSet(before.perhapsFollowed, new Set(perhapsWithRole(roles))),
    failbackAsked: before.failbackAsked,
    maintenance: sameSet(before.maintenance, drained),
    health,
  };
  return isSame(before, signals) ? before : signals;
}

const isSame = (a: PoolSignals, b: PoolSignals): boolean =>
  a.penalties === b.penalties &&
  a.followed === b.followed &&
  a.perhapsFollowed === b.perhapsFollowed &&
  a.failbackAsked === b.failbackAsked &&
  a.maintenance === b.maintenance &&
  a.health === b.health;

type Roles = Parameters<typeof withRole>[0];

/** Of live nodes. */
const rolesIn = (standings: readonly (readonly [NodeName, Standing])[], { nodes }: SignalWorld): Roles =>
  standings.flatMap(([node, { role }]) => (role && nodes.get(node)?.gone === 'no' ? [[node, role]] : []));

/** Nodes with the role that the pool follows. */
function followedNodes(
  { placement: { follow } }: Pool,
  roles: Roles,
  { masterNode }: SignalWorld,
): ReadonlySet<NodeName> {
  switch (follow.kind) {
    case 'Any':
      return NO_POOL_SIGNALS.followed;
    case 'Master':
      return new Set([masterNode]);
    case 'Check':
      return new Set(withRole(roles));
  }
}

function same<V>(before: ReadonlyMap<NodeName, V>, after: ReadonlyMap<NodeName, V>): ReadonlyMap<NodeName, V> {
  return before.size === after.size && [...after].every(([key, value]) => before.get(key) === value) ? before : after;
}

function sameSet(before: ReadonlySet<NodeName>, after: ReadonlySet<NodeName>): ReadonlySet<NodeName> {
  return before.size === after.size && [...after].every((node) => before.has(node)) ? before : after;
}
