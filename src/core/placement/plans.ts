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
  const otherLoad = tally(plans, ({ result }) => nodesIn(result));
  const otherHomes = tally(plans, ({ homes }) => homes.values());
  const all: PlanWorld = { ...world, otherLoad, otherHomes, shared: nothingShared() };
  for (const pool of pools) {
    plans.set(pool.name, planPool(pool, before.get(pool.name), all, now));
  }
  return plans;
}

function* nodesIn(result: PoolPlan['result']): Iterable<NodeName | undefined> {
  for (const { node } of result.values()) yield node;
}

/** How much each node has of the plans so far: counted when somebody asks, which is rare. */
function tally(
  plans: ReadonlyMap<PoolName, PoolPlan>,
  nodesOf: (plan: PoolPlan) => Iterable<NodeName | undefined>,
): () => ReadonlyMap<NodeName, number> {
  const counts = new Map<NodeName, number>();
  let counted = 0;
  return () => {
    for (const plan of [...plans.values()].slice(counted)) {
      for (const node of nodesOf(plan)) if (node !== undefined) counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    counted = plans.size;
    return counts;
  };
}
