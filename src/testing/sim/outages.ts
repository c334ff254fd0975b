/**
 * S4 while hosts stay lost: once nothing begins or ends any more, whoever is well takes over everything, whatever went
 * wrong before the others were lost. What comes back would cover up that somebody waits for it.
 */
import { type NodeName, poolName, type VipAddress, vipAddress } from '../../core/ids.ts';
import { recoveryMs } from './recovery.ts';
import type { PoolSetup } from './setup.ts';
import type { World } from './world.ts';

/** A stream that still carries one way is given up by then, and the master is not yet known to be deaf. */
const HALF_OPEN_MS = 4_000;

export class Outages {
  readonly lookMs = 250;
  readonly #world: World;
  readonly #boundMs: number;
  readonly #since = new Map<VipAddress, number>();

  constructor(world: World) {
    this.#world = world;
    this.#boundMs = recoveryMs(world.setup);
  }

  look(): void {
    for (const pool of this.#world.setup.pools) {
      const addresses = this.#world.source.specOf(pool.name)['addresses'] as readonly string[] | undefined;
      for (const vip of (addresses ?? []).map(vipAddress)) this.#follow(pool, vip);
    }
  }

  #follow(pool: PoolSetup, vip: VipAddress): void {
    const { calm, checks, timeline } = this.#world;
    if (checks.holders(vip).length > 0) {
      this.#since.delete(vip);
      return;
    }
    const since = this.#since.get(vip) ?? timeline.now;
    this.#since.set(vip, since);
    const forMs = timeline.now - since;
    const boundMs = this.#boundMs + (calm.isAnyPairTroubled ? HALF_OPEN_MS : 0);
    const able = forMs > boundMs ? this.#taker(pool, boundMs) : undefined;
    if (able !== undefined)
      checks.fail('S4', `nobody answers for ${vip} for ${forMs.toFixed(0)} ms, and ${able} could`);
  }

  #taker({ name }: PoolSetup, quietMs: number): string | undefined {
    const { agents, calm, members, source } = this.#world;
    const sound = agents.filter(({ machine }) => calm.isSound(machine));
    const names = new Set(sound.map(({ node }) => node));
    // Of a pool that holds, less than half is as silent as a pool that goes on where nobody sees it.
    const isMostlySound = (list: readonly NodeName[]): boolean =>
      list.filter((node) => names.has(node)).length * 2 > list.length;
    // Somebody who is lost may know any of its lists as the newest one.
    const isFree = !source.everHeld(poolName(name)) || members.everOf(name).every(isMostlySound);
    const able = sound.filter(({ node }) => members.of(name).includes(node));
    // Where every controller misses one of them, none may be able to tell all of them.
    const isTold = calm.isAnyReachedByAll(sound.map(({ machine }) => machine));
    return isFree && isTold && calm.isQuiet(quietMs) ? able[0]?.name : undefined;
  }
}
