/** Move: the node becomes the home of the VIP, which goes there now. */
import type { TaskResult } from '../api/types.gen.ts';
import { nodeName, vipAddress, type NodeName, type VipAddress } from '../ids.ts';
import type { Placed } from '../placement/place.ts';
import type { PoolPlan } from '../placement/plan.ts';
import type { Unit } from '../placement/units.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import { type Obstacle, obstacleTo } from './obstacle.ts';
import type { MoveSpec } from './task-spec.ts';
import { attempt, hasArrived, type Progress, routes, type TaskWorld, type Told } from './task-world.ts';

export function beginMove({ address, node }: MoveSpec, dryRun: boolean, world: TaskWorld): Progress {
  const pool = poolOf(address, world);
  if (!pool) return { phase: 'Failed', message: ofNoPool(address) };
  const plan = world.plans.get(pool.name);
  const unit = plan?.units.find(({ vips }) => vips.includes(address));
  if (!plan || !unit) return { phase: 'Pending' };
  const result = attempt(plan, new Map([...plan.homes, ...unit.vips.map((vip) => [vip, node] as const)]), unit.vips);
  const toNode = unit.vips.map((vip): TaskResult => ({ ...origin(plan, vip), to: node, reason: Reason.Moved }));
  const obstacle = obstacleIn(plan, unit, node, result, world);
  if (obstacle) {
    const results = toNode.map(({ address }) => ({ ...origin(plan, vipAddress(address)), reason: obstacle.reason }));
    return { phase: 'Failed', message: `${unit.vips.join(', ')} cannot go there: ${obstacle.message}`, results };
  }
  const isThere = unit.vips.every((vip) => plan.input.holders.get(vip) === node);
  if (dryRun) {
    const others = displaced(plan, unit, result);
    const message = isThere ? `${node} holds ${unit.vips.join(', ')} already` : `would move ${routes(toNode)}`;
    const further = others.length === 0 ? '' : `; would also move ${routes(others)}`;
    return { phase: 'Succeeded', message: message + further, results: [...toNode, ...others] };
  }
  return { phase: 'Running', message: `moving ${routes(toNode)}`, results: toNode };
}

export function continueMove(results: readonly TaskResult[], world: TaskWorld): Told {
  // Again with every look: another master may have begun it, and this one need not have heard of the new homes.
  for (const { address, to } of results) if (to !== undefined) world.homes.move(vipAddress(address), nodeName(to));
  if (results.every((item) => hasArrived(world, item))) {
    return { phase: 'Succeeded', message: `moved ${routes(results)}`, results };
  }
  return { phase: 'Running', message: `moving ${routes(results)}`, results };
}

/** What keeps a VIP from where it shall go, as far as placement itself does not send it there. */
export function standstill(address: VipAddress, node: NodeName, world: TaskWorld): Obstacle | undefined {
  const pool = poolOf(address, world);
  if (!pool) return { reason: Reason.InvalidSpec, message: ofNoPool(address) };
  const plan = world.plans.get(pool.name);
  const unit = plan?.units.find(({ vips }) => vips.includes(address));
  return plan && unit && obstacleIn(plan, unit, node, plan.result, world);
}

const poolOf = (address: VipAddress, { pools }: TaskWorld): Pool | undefined =>
  pools.find(({ vips }) => vips.includes(address));

const ofNoPool = (address: VipAddress): string =>
  `${address} is an address of no pool that is in force: see "vippool status"`;

export function obstacleIn(
  plan: PoolPlan,
  unit: Unit,
  node: NodeName,
  result: ReadonlyMap<VipAddress, Placed>,
  world: TaskWorld,
): Obstacle | undefined {
  const goes = unit.vips.every((vip) => {
    const placed = result.get(vip);
    return placed?.node === node && !placed.stranded;
  });
  return goes ? undefined : obstacleTo(plan, unit, node, result, world);
}

/** Others that would have to make room. */
function displaced(plan: PoolPlan, unit: Unit, result: ReadonlyMap<VipAddress, Placed>): TaskResult[] {
  return [...result].flatMap(([vip, { node, reason }]): TaskResult[] => {
    if (unit.vips.includes(vip) || node === plan.result.get(vip)?.node) return [];
    return [{ ...origin(plan, vip), ...(node === undefined ? {} : { to: node }), reason }];
  });
}

export function origin({ input }: PoolPlan, vip: VipAddress): Pick<TaskResult, 'address' | 'from'> {
  const from = input.holders.get(vip);
  return { address: vip, ...(from === undefined ? {} : { from }) };
}
