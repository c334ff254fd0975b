/** Failback: VIPs go home now, whatever the policy says; those that a task moved get back the home they had. */
import type { TaskResult } from '../api/types.gen.ts';
import { vipAddress, type NodeName, type VipAddress } from '../ids.ts';
import type { PoolPlan } from '../placement/plan.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import { obstacleIn, origin } from './move-task.ts';
import { listed } from './obstacle.ts';
import type { FailbackSpec } from './task-spec.ts';
import { attempt, hasArrived, type Progress, routes, type TaskWorld, type Told } from './task-world.ts';

/** Results of one task that are kept. */
const MAX_RESULTS = 512;

interface Found {
  readonly going: readonly TaskResult[];
  readonly staying: readonly { readonly result: TaskResult; readonly why: string }[];
}

export function beginFailback(spec: FailbackSpec, dryRun: boolean, world: TaskWorld): Progress {
  const pools = world.pools.filter(({ name, vips }) =>
    spec.address === undefined ? name === (spec.pool ?? name) : vips.includes(spec.address),
  );
  if (pools.length === 0 && (spec.address ?? spec.pool) !== undefined) return unknown(spec, world.pools);
  if (pools.some(({ name }) => !world.plans.has(name))) return { phase: 'Pending' };
  const found = pools.map((pool) => look(world.plans.get(pool.name), spec.address, world));
  const going = found.flatMap((item) => item.going);
  const staying = found.flatMap((item) => item.staying);
  const results = [...going, ...staying.map(({ result }) => result)].slice(0, MAX_RESULTS);
  if (!dryRun) {
    for (const { name } of pools) {
      for (const vip of meant(world.plans.get(name), spec.address)) world.homes.release(vip);
    }
  }
  if (going.length > 0 && !dryRun) return { phase: 'Running', message: `bringing home ${routes(going)}`, results };
  const said = [
    ...(going.length > 0 ? [`would bring home ${routes(going)}`] : []),
    ...(staying.length > 0 ? [`${dryRun ? 'would stay' : 'stays'}: ${reasonsOf(staying)}`] : []),
  ];
  const message = said.length === 0 ? 'every VIP is at home already' : said.join('; ');
  return { phase: staying.length > 0 ? 'Failed' : 'Succeeded', message, results };
}

export function continueFailback(results: readonly TaskResult[], world: TaskWorld): Told {
  const going = results.filter(({ to }) => to !== undefined);
  for (const { address, to } of going)
    if (world.homes.homeOf(vipAddress(address)) !== to) world.homes.release(vipAddress(address));
  const rehomed = world.isSettled ? going.filter((item) => isRehomed(item, world)) : [];
  const brought = going.filter((item) => !rehomed.includes(item));
  if (!brought.every((item) => hasArrived(world, item))) {
    return { phase: 'Running', message: `bringing home ${routes(going)}`, results };
  }
  const kept = [
    ...rehomed.map(({ address }) => `${address} (its home is ${world.homes.homeOf(vipAddress(address))} now)`),
    ...results.flatMap(({ address, to, reason }) => (to === undefined ? [`${address} (${reason})`] : [])),
  ];
  const said = [
    ...(brought.length > 0 ? [`brought home ${routes(brought)}`] : []),
    ...(kept.length > 0 ? [`stayed: ${listed(kept)}`] : []),
  ];
  return { phase: kept.length > 0 ? 'Failed' : 'Succeeded', message: said.join('; '), results };
}

/** Weights, limits or declared homes changed meanwhile: it will never come to where the task wants it. */
function isRehomed({ address, to }: TaskResult, { homes }: TaskWorld): boolean {
  const home = homes.homeOf(vipAddress(address));
  return home !== undefined && home !== to;
}

/** What a task is about: a VIP goes home with those that stay together with it. */
function meant(plan: PoolPlan | undefined, only: VipAddress | undefined): readonly VipAddress[] {
  const units = plan?.units.filter(({ vips }) => only === undefined || vips.includes(only)) ?? [];
  return units.flatMap(({ vips }) => vips);
}

/** Which VIPs of a pool are not at home, and which of those can go there. */
function look(plan: PoolPlan | undefined, only: VipAddress | undefined, world: TaskWorld): Found {
  if (!plan) return { going: [], staying: [] };
  const homes = new Map<VipAddress, NodeName>(plan.homes);
  const vips = meant(plan, only);
  for (const vip of vips) {
    const home = world.homes.usualHomeOf(vip);
    if (home !== undefined) homes.set(vip, home);
  }
  const away = vips.filter((vip) => homes.has(vip) && plan.input.holders.get(vip) !== homes.get(vip));
  const result = attempt(plan, homes, away);
  const going: TaskResult[] = [];
  const staying: Found['staying'][number][] = [];
  for (const vip of away) {
    const home = homes.get(vip);
    const unit = plan.units.find(({ vips }) => vips.includes(vip));
    if (home === undefined || !unit) continue;
    const obstacle = obstacleIn(plan, unit, home, result, world);
    if (obstacle) staying.push({ result: { ...origin(plan, vip), reason: obstacle.reason }, why: obstacle.message });
    else going.push({ ...origin(plan, vip), to: home, reason: Reason.Failback });
  }
  return { going, staying };
}

function unknown({ address, pool }: FailbackSpec, pools: readonly Pool[]): Progress {
  const names = listed(pools.map(({ name }) => name));
  const message =
    address === undefined
      ? `there is no pool ${pool} in force: the pools are ${names}`
      : `${address} is an address of no pool that is in force: see "vippool status"`;
  return { phase: 'Failed', message };
}

/** "192.0.2.10: why; 192.0.2.11, 192.0.2.12: why" */
function reasonsOf(staying: Found['staying']): string {
  const whys = [...new Set(staying.map(({ why }) => why))];
  const vipsOf = (why: string): string[] => staying.flatMap((item) => (item.why === why ? [item.result.address] : []));
  return whys
    .slice(0, 5)
    .map((why) => `${listed(vipsOf(why))}: ${why}`)
    .join('; ');
}
