/**
 * The right to hold VIPs of pools with `onQuorumLoss: Hold` (failure model: Hold): it runs with the node lease, and
 * without one for as long as more than half of the pool confirms. Each pool has a class of the fence of its own.
 */
import { hashText } from '../hash.ts';
import type { PoolName } from '../ids.ts';
import type { AssignedVip, Assignment, HoldPool, HoldRight } from '../messages.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';
import type { AgentConfig, AgentEffect, AgentState } from './agent-state.ts';
import { type HoldState, NO_HOLD } from './hold-state.ts';

/** The fence's class of what is held by the node lease alone. */
export const NODE_LEASE = 0;

/** Numbers of the fence's classes beside the one of the node lease. */
const CLASSES = 65_535;

/** The same in every run. Pools that share a class share the shorter right. */
const classOf = (pool: PoolName): number => 1 + (hashText(pool) % CLASSES);

/** The class that fences a VIP of the pool. */
export const fenceClassOf = (pools: readonly HoldPool[], pool: PoolName): number =>
  pools.some(({ name }) => name === pool) ? classOf(pool) : NODE_LEASE;

export const holdPools = ({ assignment }: AgentState): readonly HoldPool[] => assignment?.holdPools ?? [];

export const holdClasses = (pools: readonly HoldPool[]): ReadonlySet<number> =>
  new Set(pools.map(({ name }) => classOf(name)));

/** What the controllers have to know of us, should they end our lease. */
export const rightsOf = (pools: readonly HoldPool[]): readonly HoldRight[] =>
  pools.map(({ name, members }) => ({ pool: name, members: members.map(({ node }) => node) }));

/** Until when more than half of the pool has confirmed; a confirmation lasts a lease from its question's send time. */
export function confirmedUntil(state: AgentState, { members }: HoldPool, { timing }: AgentConfig): Monotonic {
  if (!state.hold.declared) return NEVER;
  const times = members.map(({ node }) => state.hold.confirmedAt.get(node) ?? NEVER).sort((a, b) => b - a);
  const decisive = times[Math.floor(members.length / 2)];
  return decisive === undefined ? NEVER : addMs(decisive, timing.leaseMs);
}

/** What lease and confirmations allow for a class, whatever the kernel does. */
export function classUntil(state: AgentState, fenceClass: number, config: AgentConfig): Monotonic {
  // What was confirmed before that says no more than the lease does.
  const newest = Math.max(...state.hold.confirmedAt.values());
  if (newest + config.timing.leaseMs <= state.leaseUntil) return state.leaseUntil;
  let confirmed = Number.POSITIVE_INFINITY;
  for (const pool of holdPools(state)) {
    if (classOf(pool.name) === fenceClass) confirmed = Math.min(confirmed, confirmedUntil(state, pool, config));
  }
  return Number.isFinite(confirmed) ? (Math.max(state.leaseUntil, confirmed) as Monotonic) : state.leaseUntil;
}

/** When the VIPs of the pool have to go. */
export function rightEnd(state: AgentState, pool: HoldPool, config: AgentConfig): Monotonic {
  const fenceClass = classOf(pool.name);
  const fenced = state.hold.fenced.get(fenceClass) ?? NEVER;
  return Math.min(classUntil(state, fenceClass, config), fenced) as Monotonic;
}

/** Whether the node lease has ended and something is held all the same. */
export const isLapsed = ({ assignment, leaseUntil, fenceUntil }: AgentState): boolean =>
  assignment !== undefined && Math.min(leaseUntil, fenceUntil) === NEVER;

/** Pools of which something is bound and whose right runs. */
export function runningPools(state: AgentState, now: Monotonic, config: AgentConfig): readonly HoldPool[] {
  const bound = new Set([...state.bound.values()].map(({ pool }) => pool));
  return holdPools(state).filter((pool) => bound.has(pool.name) && now < rightEnd(state, pool, config));
}

/** The first right that ends while there is no lease. */
export function firstRightEnd(state: AgentState, config: AgentConfig): Monotonic {
  if (!isLapsed(state)) return Number.POSITIVE_INFINITY as Monotonic;
  return Math.min(Infinity, ...holdPools(state).map((pool) => rightEnd(state, pool, config))) as Monotonic;
}

/** Lets the kernel know of longer rights; a class that has closed stays closed. */
export function extendClasses(state: AgentState, config: AgentConfig): AgentEffect[] {
  const pools = holdPools(state);
  if (pools.length === 0) return [];
  return [...holdClasses(pools)].flatMap((fenceClass): AgentEffect[] => {
    const until = classUntil(state, fenceClass, config);
    const known = state.hold.fenced.get(fenceClass) ?? NEVER;
    return until > known ? [{ kind: 'fence', mode: 'refresh', fenceClass, until }] : [];
  });
}

/**
 * With a valid lease: the rights of a new assignment. Other rights than before have to be declared anew, and no class of
 * the fence stays open longer than the lease by what was confirmed for the former ones.
 */
export function withRights(
  state: AgentState,
  assignment: Assignment,
  now: Monotonic,
): readonly [HoldState, readonly AgentEffect[]] {
  const rights = JSON.stringify(rightsOf(assignment.holdPools));
  if (rights === JSON.stringify(rightsOf(holdPools(state)))) return [state.hold, []];
  const until = state.leaseUntil;
  const effects = [...holdClasses(assignment.holdPools)].map((fenceClass): AgentEffect => ({
    kind: 'fence',
    mode: 'acquire',
    fenceClass,
    until,
  }));
  return [{ ...NO_HOLD, declaredAt: now }, effects];
}

/** A majority has acknowledged what was sent after the rights were declared. */
export const declaredBy = (state: AgentState, leaseUntil: Monotonic, { timing }: AgentConfig): HoldState =>
  state.hold.declared || leaseUntil <= addMs(state.hold.declaredAt, timing.leaseMs)
    ? state.hold
    : { ...state.hold, declared: true };

export const isOfPools = (pools: readonly HoldPool[], { pool }: AssignedVip): boolean =>
  pools.some(({ name }) => name === pool);
