import type { Binding, TaskResult } from '../api/types.gen.ts';
import type { PoolName, VipAddress } from '../ids.ts';
import type { PoolPlan } from '../placement/plan.ts';
import { place, type Placed } from '../placement/place.ts';
import type { Pool } from '../pool.ts';
import type { NodeName } from '../ids.ts';
import type { HomeChanges } from './home-changes.ts';
import { listed, type ObstacleWorld } from './obstacle.ts';

/** What tasks are judged by. */
export interface TaskWorld extends ObstacleWorld {
  readonly pools: readonly Pool[];
  /** What placement decided last. */
  readonly plans: ReadonlyMap<PoolName, PoolPlan>;
  readonly homes: HomeChanges;
  /** Every node had the time to say what it holds: what is missing now is missing. */
  readonly isSettled: boolean;
  /** On record: what the next master would find. */
  readonly recorded: (vip: VipAddress) => Binding | undefined;
}

/** What a task has come to; `message` is for people. */
export type Progress =
  | Told
  /** It cannot be judged yet. */
  | { readonly phase: 'Pending' };

export type Told =
  | { readonly phase: 'Running'; readonly message: string; readonly results: readonly TaskResult[] }
  | {
      readonly phase: 'Succeeded' | 'Failed' | 'Expired';
      readonly message: string;
      readonly results?: readonly TaskResult[];
    };

/** What placement would decide with these homes, if the return of these VIPs were asked for. */
export function attempt(
  { input }: PoolPlan,
  homes: ReadonlyMap<VipAddress, NodeName>,
  asked: readonly VipAddress[],
): ReadonlyMap<VipAddress, Placed> {
  return place({ ...input, homes, failbackAsked: new Set([...input.failbackAsked, ...asked]) });
}

/** Whether it is where it shall be, and the record says so: the task is over only when its effect outlives the master. */
export function hasArrived(world: TaskWorld, { address, to }: TaskResult): boolean {
  const binding = world.recorded(address as VipAddress);
  return binding?.node === to && binding?.state === 'Bound' && binding.home === to;
}

/** "192.0.2.10 from node-a to node-b" */
export function routes(results: readonly TaskResult[]): string {
  return listed(results.map(({ address, from, to }) => [address, ...text('from', from), ...text('to', to)].join(' ')));
}

const text = (word: string, node: string | undefined): string[] => (node === undefined ? [] : [word, node]);
