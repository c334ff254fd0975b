/**
 * What must hold of VIPs in pools with rules: where they are when nothing has happened for long, and why they move until
 * then. What runs of checks amount to, which rules are met and whose turn it is, is counted anew here.
 */
import type { VipTaskStatus } from '../../core/api/types.gen.ts';
import type { VipAddress } from '../../core/ids.ts';
import { LOOK_MS } from './health-watch.ts';
import { homeChanges, homeFaults } from './home-rules.ts';
import { type PictureHost, takersOf } from './pool-picture.ts';
import { unitsOf } from './pool-truth.ts';
import { REST_RULES } from './rest-rules.ts';
import { HOLD_OFF_MS } from './rule-pools.ts';
import { type Departure, REACT_MS, RuledPool } from './ruled-pool.ts';
import type { TaskRecord } from './sim-tasks.ts';
import { TaskWatch } from './task-watch.ts';
import type { World } from './world.ts';

/** So long nobody may answer for a VIP that somebody could hold: a host may be lost meanwhile. */
const UNHELD_MS = 2_500;
/** So long after it became well a host is eligible, whatever it did before. */
const ELIGIBLE_MS = HOLD_OFF_MS + 1_500;
/** What follows from an edit or a task is done by then, where the controllers are calm. */
const EDIT_MS = 3_000;
/** Well within this everybody has read what was declared. */
const SEEN_MS = 1_000;
/** What a host did with its role within this time counts, and its shortest hold-off, less what looks and messages take. */
const [ROLE_WINDOW_MS, ROLE_HOLD_OFF_MS] = [4_000, 700];
/** Hold-off, delay and all that follows from them. */
const SETTLE_MS = HOLD_OFF_MS + 2_500;
/** What looks, clocks and messages take off a delay. */
const BLUR_MS = 150;
/** A cluster that is left alone comes to rest within this time after the end of a schedule. */
const REST_WITHIN_MS = 20_000;

export class RulesWatch {
  readonly lookMs = LOOK_MS;
  readonly #world: World;
  readonly #pools: readonly RuledPool[];
  readonly #tasks: TaskWatch;
  #isAtRest = false;
  #undigestedAt = 0;
  /** When the source could not be read last. */
  #blindAt = 0;
  /** Who could have a VIP that nobody holds, and since when. */
  readonly #takers = new Map<VipAddress, { readonly host: number; readonly since: number }>();

  constructor(world: World) {
    this.#world = world;
    this.#pools = world.setup.pools.map(({ name }) => new RuledPool(world, name));
    this.#tasks = new TaskWatch(world);
  }

  look(): void {
    const { calm, source, timeline } = this.#world;
    const isLed = calm.areControllersCalm(EDIT_MS) && calm.isReignSettled(EDIT_MS);
    if (calm.configChangedWithin(EDIT_MS) || !isLed || this.#tasks.areOpen) this.#undigestedAt = timeline.now;
    if (source.down > 0) this.#blindAt = timeline.now;
    const rests = this.#restsNow();
    for (const pool of this.#pools) {
      pool.look();
      for (const vip of pool.picture.truth.vips) this.#follow(pool, vip);
      if (!rests) continue;
      const [problem] = source.problemsOf(pool.name);
      if (problem !== undefined) throw new Error(`the pool of the simulator is refused: ${problem}`);
      // What ends at this instant is seen in this look.
      if (pool.changedAt === timeline.now) continue;
      if (this.#isAtRest) this.#expectStill(pool);
      else this.#expectRules(pool);
    }
    this.#tasks.look(this.#pools);
    if (rests && !this.#isAtRest) this.#tasks.judge(this.#pools);
    this.#isAtRest = rests;
  }

  /** Lets the world run on until nothing happens any more. */
  expectRest(run: (ms: number) => void): void {
    const { timeline, checks } = this.#world;
    for (const until = timeline.now + REST_WITHIN_MS; !this.#isAtRest; run(LOOK_MS)) {
      if (timeline.now < until) continue;
      const open = this.#tasks.open.map(({ manifest }) => manifest.name);
      if (open.length > 0) checks.fail('S9', `${open.join(', ')} never ends`);
      checks.fail('S8', 'the cluster does not come to rest');
    }
  }

  taskWritten(record: TaskRecord, status: VipTaskStatus): void {
    this.#tasks.written(record, status);
  }

  get #now(): number {
    return this.#world.timeline.now;
  }

  #restsNow(): boolean {
    const { calm, controllers, setup } = this.#world;
    const forMs = setup.failbackDelayMs + SETTLE_MS;
    if (!calm.isQuiet(forMs) || !controllers.some(({ leads }) => leads)) return false;
    if (this.#tasks.areOpen || this.#now - this.#tasks.changedAt < forMs) return false;
    return this.#pools.every(({ changedAt }) => this.#now - changedAt > forMs);
  }

  #expectRules(pool: RuledPool): void {
    const { checks } = this.#world;
    const { picture, lastRest } = pool;
    for (const rule of REST_RULES) for (const [invariant, text] of rule(picture)) checks.fail(invariant, text);
    for (const [invariant, text] of homeFaults(picture)) checks.fail(invariant, text);
    const edits = pool.edits - (lastRest?.edits ?? 0);
    if (lastRest)
      for (const [invariant, text] of homeChanges(lastRest.picture, picture, edits, pool.edits > 1))
        checks.fail(invariant, text);
    pool.lastRest = { picture, edits: pool.edits };
  }

  #expectStill({ picture, lastRest }: RuledPool): void {
    for (const vip of picture.truth.vips) {
      const [before, now] = [lastRest?.picture.where.get(vip), picture.where.get(vip)];
      if (before?.index === now?.index) continue;
      const text = `${vip} went from ${before?.node ?? 'nowhere'} to ${now?.node ?? 'nowhere'}`;
      this.#world.checks.fail('S8', `${text}, and nothing had happened for long`);
    }
  }

  #follow(pool: RuledPool, vip: VipAddress): void {
    const { host, since, departure } = pool.placeOf(vip);
    if (host && departure && since === this.#now && departure.from.index !== host.index)
      this.#arrived(pool, vip, departure, host);
    const { checks, calm } = this.#world;
    const isBad = host?.state === 'barred' || host?.state === 'ill';
    if (host && !isBad) this.#takers.delete(vip);
    if ((host && !isBad) || this.#now - this.#blindAt < SEEN_MS || !calm.areControllersCalm(EDIT_MS)) return;
    // Whoever was given it when it could be held for the first time may have been lost at that very moment.
    const taker = this.#lastingTaker(pool, vip, host ? REACT_MS : UNHELD_MS);
    if (host) {
      if (taker?.state === 'well' && pool.stateMs(host) > REACT_MS && calm.isSound(host.index))
        checks.fail('S4', `${vip} stays on ${host.node}, which is ${host.state}, although ${taker.node} is well`);
      return;
    }
    if (this.#now - since < UNHELD_MS) return;
    if (taker) checks.fail('S4', `nobody answers for ${vip}, although ${taker.node} could`);
    if (departure && this.#hadToKeep(pool, departure))
      checks.fail('S4', `${departure.from.node} let ${vip} go, and no other host may have it`);
  }

  /** A rule never switches an address off. */
  #hadToKeep(pool: RuledPool, { at }: Departure): boolean {
    const { calm, timeline } = this.#world;
    const hosts = pool.picture.hosts.map((host) => ({ host, sameMs: pool.wellMs(host) }));
    const longer = timeline.now - at + 2 * EDIT_MS;
    // Whoever was to have it may have been lost before it came.
    return calm.isQuiet(0) && hosts.every(({ host, sameMs }) => sameMs > longer && calm.isSound(host.index));
  }

  #arrived(pool: RuledPool, vip: VipAddress, { from, at, wasSteady, wasHome }: Departure, to: PictureHost): void {
    const { checks, calm } = this.#world;
    const { picture } = pool;
    const what = `${vip} moved from ${from.node} to ${to.node}`;
    const forMs = pool.stateMs(to);
    if (calm.isSound(to.index) && forMs > REACT_MS) {
      // Between two looks one edit may let VIPs come, and the next one keep them away again.
      const isEdited = this.#now - pool.editedAt <= REACT_MS;
      if (to.state === 'barred' && !isEdited) checks.fail('S5', `${what}, which is kept away`);
      if (to.state === 'ill' && this.#taker(pool, vip)?.state === 'well') checks.fail('S5', `${what}, which is ill`);
    }
    const other = picture.hosts.find((host) => host !== to && host.state === 'well' && calm.isSound(host.index));
    if (other && pool.hasRoleFor(other, ROLE_WINDOW_MS) && this.#isRoleHeldOff(pool, to))
      checks.fail('S8', `${what}, which has just lost its role twice, and ${other.node} has had it for long`);
    if (forMs > REACT_MS / 2 && to.state === 'pending') checks.fail('S5', `${what}, of which nothing is known yet`);
    if (!wasSteady || !calm.isSound(from.index) || this.#now - this.#undigestedAt < REACT_MS) return;
    if (pool.wasLostUnnoticed(to, at)) return;
    // It was on its way to a host that fell ill meanwhile.
    const hasFallen = (host: PictureHost): boolean => host.state === 'ill' && pool.stateMs(host) <= this.#now - at;
    if (picture.hosts.some((host) => host !== to && hasFallen(host))) return;
    const { failback, delayMs } = picture.truth;
    if (failback !== 'Automatic') checks.fail('S5', `${what}, and failback is ${failback}`);
    if (wasHome) checks.fail('S5', `${what}, and was at home before`);
    const soundMs = pool.soundMs(to);
    // An agent that died since it bound the VIP does not tell for how long it had its lease.
    if (this.#world.agents[to.index]?.state && soundMs < delayMs - BLUR_MS)
      checks.fail('S5', `${what} after ${soundMs.toFixed(0)} ms, and the delay is ${delayMs}`);
  }

  /** A controller that began anew knows nothing of what was before. */
  #isRoleHeldOff(pool: RuledPool, host: PictureHost): boolean {
    const isKnown = this.#world.calm.areControllersCalm(2 * ROLE_WINDOW_MS);
    return isKnown && pool.isRoleHeldOff(host, ROLE_WINDOW_MS, ROLE_HOLD_OFF_MS);
  }

  /** Has been there for so long; room is made by others. */
  #lastingTaker(pool: RuledPool, vip: VipAddress, forMs: number): PictureHost | undefined {
    const taker = this.#taker(pool, vip);
    const known = this.#takers.get(vip);
    if (taker && taker.index === known?.host) return this.#now - known.since > forMs ? taker : undefined;
    if (taker) this.#takers.set(vip, { host: taker.index, since: this.#now });
    else this.#takers.delete(vip);
    return undefined;
  }

  /** Somebody who must be given the VIP for certain. */
  #taker(pool: RuledPool, vip: VipAddress): PictureHost | undefined {
    const unit = unitsOf(pool.picture.truth).find((vips) => vips.includes(vip)) ?? [vip];
    const isLong = (host: PictureHost): boolean =>
      pool.stateMs(host) > ELIGIBLE_MS && this.#world.calm.isSound(host.index);
    return takersOf(pool.picture, unit).find(isLong);
  }
}
