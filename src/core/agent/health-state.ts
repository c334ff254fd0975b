/** What an agent knows of the health of its host. */
import { type NetworkState, type NodeConfig, type ServiceInterfaces, UNMEASURED } from '../check-state.ts';
import type { CheckName } from '../checks.ts';
import type { ControllerId, PoolName, VipAddress } from '../ids.ts';
import { type Monotonic, NEVER } from '../time.ts';
import type { CheckTrack } from './check-track.ts';
import type { LoadTrack } from './load-track.ts';
import { NO_REACHING, type Reaching } from './reaching.ts';
import type { RepairTrack } from './repairing.ts';

export interface HealthState {
  /** Newest obeyed; undefined before the first. It outlives the controllers, and not the agent. */
  readonly config: Pick<NodeConfig, 'term' | 'version' | 'repairs' | 'logLevel'> | undefined;
  /** By `checkKey`. */
  readonly checks: ReadonlyMap<string, CheckTrack>;
  /** Repairs that are being tried. */
  readonly repairs: ReadonlyMap<PoolName, RepairTrack>;
  /** When the last repairs were begun, by pool. */
  readonly repairsBegun: ReadonlyMap<PoolName, readonly Monotonic[]>;
  /** Of the last repair command that was started. */
  readonly repairNumber: number;
  /** What is bound, by pool. */
  readonly held: ReadonlyMap<PoolName, readonly VipAddress[]>;
  /** Interfaces that carry VIPs of a pool, or carried them last. */
  readonly carriers: ReadonlyMap<PoolName, readonly string[]>;
  /** Interfaces that would carry them, as the master said last. */
  readonly likelyCarriers: ServiceInterfaces;
  /** When each controller answered last, and how fast it does. */
  readonly contacts: ReadonlyMap<ControllerId, Contact>;
  /** Start of the agent. */
  readonly startedAt: Monotonic;
  readonly management: NetworkState;
  readonly service: NetworkState;
  readonly reaching: Reaching;
  /** Undefined before the first sample. */
  readonly load: LoadTrack | undefined;
  /** What the controllers were not told yet. Details can wait. */
  readonly untold: 'nothing' | 'details' | 'verdicts';
  readonly toldAt: Monotonic;
}

export interface Contact {
  readonly at: Monotonic;
  /** Smoothed. */
  readonly rttMs: number;
  /** Of the newest heartbeat that was answered. */
  readonly sequence: number;
}

export const NO_CHECKS: HealthState = {
  config: undefined,
  checks: new Map(),
  repairs: new Map(),
  repairsBegun: new Map(),
  repairNumber: 0,
  held: new Map(),
  carriers: new Map(),
  likelyCarriers: new Map(),
  contacts: new Map(),
  startedAt: NEVER,
  management: UNMEASURED,
  service: UNMEASURED,
  reaching: NO_REACHING,
  load: undefined,
  untold: 'nothing',
  toldAt: NEVER,
};

/** Where VIPs of the pool are; where the host holds none, where they would be or were last. None: unknown. */
export function carriersOf({ held, carriers, likelyCarriers }: HealthState, pool: PoolName): readonly string[] {
  const [here, likely] = [carriers.get(pool), likelyCarriers.get(pool)];
  return (held.has(pool) ? (here ?? likely) : (likely ?? here)) ?? [];
}

export const checkKey = (pool: PoolName, name: CheckName): string => `${pool}/${name}`;
