/** A small cluster for directed tests: three controllers and three hosts, one pool, and what to ask of it. */
import { nodeName, poolName, type VipAddress, vipAddress } from '../../core/ids.ts';
import type { PoolManifest } from '../../core/manifest.ts';
import { TIMING_PROFILES } from '../../core/timing.ts';
import type { Action } from './actions.ts';
import { planFaults } from './faults.ts';
import type { Setup } from './setup.ts';
import type { SimController } from './sim-controller.ts';
import { INTERFACE, type SimKernel } from './sim-kernel.ts';
import { traceLine } from './trace-text.ts';
import { World } from './world.ts';

const POOL = 'nas';

export const addresses = (count: number): string[] => Array.from({ length: count }, (_, i) => `192.0.2.${i + 1}`);

export class Scene {
  readonly world: World;
  readonly history: string[] = [];
  readonly vips: readonly VipAddress[];

  constructor(seed: number, count = 6, over: Partial<Setup> = {}) {
    const setup: Setup = {
      controllers: 3,
      hosts: 3,
      shared: false,
      profile: 'Default',
      timing: TIMING_PROFILES.Default,
      pools: [{ name: POOL, vips: addresses(count), onQuorumLoss: 'Release', failback: 'Automatic' }],
      remembering: 7,
      drift: 'any',
      doubled: 0,
      filtering: 0,
      failbackDelayMs: 2_000,
      ...over,
    };
    this.vips = addresses(count).map(vipAddress);
    this.world = new World(seed, setup, (...line) => this.history.push(traceLine(...line)));
    this.world.start();
    this.run(5_000);
  }

  get now(): number {
    return this.world.timeline.now;
  }

  run(ms: number): void {
    this.world.run(ms);
  }

  /** From now on; mended after its time. */
  cause(action: Partial<Action> & Pick<Action, 'kind'>): void {
    planFaults(this.world, [{ ms: 60_000, a: 0, b: 0, c: 0, ...action, at: this.now }], Number.POSITIVE_INFINITY);
    this.run(0);
  }

  /** Names of the hosts that answer, per VIP. */
  where(vips: readonly VipAddress[] = this.vips): readonly (readonly string[])[] {
    return vips.map((vip) => this.world.checks.holders(vip).map(({ node }) => node));
  }

  unheld(vips: readonly VipAddress[] = this.vips): readonly VipAddress[] {
    return vips.filter((vip) => this.world.checks.holders(vip).length !== 1);
  }

  /** Most VIPs on one host that is on, less the fewest. */
  unevenness(): number {
    const load = this.world.kernels.filter(({ powered }) => powered).map(({ size }) => size);
    return Math.max(...load) - Math.min(...load);
  }

  holderOf(vip: VipAddress): SimKernel {
    const [kernel] = this.world.checks.holders(vip);
    if (!kernel) throw new Error(`nobody answers for ${vip}`);
    return kernel;
  }

  get master(): SimController {
    const found = this.world.controllers.find(({ leads }) => leads);
    if (!found) throw new Error('there is no master');
    return found;
  }

  /** Longest time in which nobody answered for the VIP while the world ran on; to the millisecond. */
  outage(vip: VipAddress, forMs: number): number {
    let since: number | undefined;
    let longest = 0;
    for (const end = this.now + forMs; this.now < end; this.run(1)) {
      if (this.world.checks.holders(vip).length > 0) since = undefined;
      else longest = Math.max(longest, this.now - (since ??= this.now));
    }
    return longest;
  }

  manifest(list: readonly string[], generation: number): PoolManifest {
    return {
      name: poolName(POOL),
      uid: `uid-${POOL}`,
      generation,
      createdAt: '2026-01-01T00:00:00Z',
      deleting: false,
      spec: { addresses: list, interface: { names: [INTERFACE] }, failback: { delay: '2s' } },
      status: undefined,
    };
  }

  nodes(): readonly string[] {
    return this.world.kernels.map(({ index }) => nodeName(`node-${index + 1}`));
  }
}
