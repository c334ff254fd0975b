/** The decisions about all pools, one after the other: each takes into account what those before it put where. */
import type { NodeName, PoolName } from '../ids.ts';
import type { Pool } from '../pool.ts';
import type { Monotonic } from '../time.ts';
import { planPool, type PlanWorld, type PoolPlan } from './plan.ts';
import { nothingShared } from './shared.ts';

export type PoolPlans = ReadonlyMap<PoolName, PoolPlan>;

/** @param before what was decided last */
export function planPools(
  pools: readonly Pool[],
  before: PoolPlans,
  world: Omit<PlanWorld, 'otherLoad' | 'otherHomes' | 'shared'>,
  now: Monotonic,
): PoolPlans {
  const plans = new Map<PoolName, PoolPlan>();
  const otherLoad = new Map<NodeName, number>();
  const homes = new Map<NodeName, number>();
  // Homes last, so that it is rarely asked how many a node has.
  const uncounted: PoolPlan[] = [];
  const otherHomes = (): ReadonlyMap<NodeName, number> => {
    for (const plan of uncounted.splice(0)) for (const home of plan.homes.values()) addTo(homes, home);
    return homes;
  };
  const all: PlanWorld = { ...world, otherLoad, otherHomes, shared: nothingShared() };
  for (const pool of pools) {
    const plan = planPool(pool, before.get(pool.name), all, now);
    plans.set(pool.name, plan);
    uncounted.push(plan);
    for (const { node } of plan.result.values()) if (node !== undefined) addTo(otherLoad, node);
  }
  return plans;
}

function addTo(counts: Map<NodeName, number>, node: NodeName): void {
  counts.set(node, (counts.get(node) ?? 0) + 1);
}
