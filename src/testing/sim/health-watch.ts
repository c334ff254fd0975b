/**
 * What must hold of VIPs and the health of hosts. What a host says of itself is taken for the truth; how an agent comes to
 * say so is none of this.
 */
import type { CheckTrack } from '../../core/agent/check-track.ts';
import { type VipAddress, vipAddress } from '../../core/ids.ts';
import { HELD_OFF_MS } from './checks.ts';
import type { PoolSetup } from './setup.ts';
import type { SimAgent } from './sim-agent.ts';
import type { Invariant } from './violation.ts';
import type { World } from './world.ts';

/** The time between two looks. */
export const LOOK_MS = 25;
/** So long nobody may answer for a VIP that somebody could hold: a host may be lost meanwhile. */
const UNHELD_MS = 2_500;
/** Well within this a calm cluster does what follows from a report. */
const REACT_MS = 600;
/** So long after it became well a host is eligible, whatever it did before. */
const ELIGIBLE_MS = HELD_OFF_MS + 1_500;
/** What follows from an edit is done by then. */
const EDIT_MS = 5_000;
/** Shortest hold-off of a host that flapped, less what looks and messages take. */
const LEAST_HOLD_OFF_MS = 1_500;
const WINDOW_MS = 8_000;
/** So long VIPs wait on the third holder that fails a check of holders. */
const CHASE_MS = 2_000;
/** Within that of the first recovery the others are expected to recover as well. */
const RECOVERY_MS = 400;

type Health = 'away' | 'well' | 'pending' | 'ill' | 'kept-away';

/** One host in one pool. */
interface Host {
  readonly agent: SimAgent;
  health: Health;
  since: number;
  /** Since when it has been well, kept away meanwhile or not: that breaks no hold-off. */
  wellSince: number;
  isWeak: boolean;
  weakSince: number;
  /** What it was before it was away, pending or kept away. */
  wasWell: boolean;
  /** It was ill when somebody looked last: its checks are not run any more. */
  isUnproven: boolean;
  /** When its checks ceased to be run, by its own clock: it may have been ill between two looks. */
  idleSince: number;
  /** When a check began to say that it is ill, by its own clock. */
  illSince: number;
  /** When that was seen: it may have been well between two looks. */
  illSeenAt: number;
  /** When it fell ill, the last two times. */
  falls: number[];
}

interface Place {
  /** Undefined: nobody answers. */
  readonly host: Host | undefined;
  /** Who answered last. */
  readonly last: Host | undefined;
  readonly since: number;
}

interface PoolWatch {
  readonly setup: PoolSetup;
  readonly hosts: readonly Host[];
  readonly where: Map<VipAddress, Place>;
  allIllSince: number | undefined;
  firstWellAt: number;
}

export class HealthWatch {
  readonly lookMs = LOOK_MS;
  readonly #world: World;
  readonly #pools: readonly PoolWatch[];

  constructor(world: World) {
    this.#world = world;
    const host = (agent: SimAgent): Host => ({
      agent,
      health: 'away',
      since: 0,
      wellSince: 0,
      isWeak: false,
      weakSince: 0,
      wasWell: true,
      isUnproven: false,
      idleSince: 0,
      illSince: 0,
      illSeenAt: 0,
      falls: [],
    });
    this.#pools = world.setup.pools.map((setup) => ({
      setup,
      hosts: world.agents.map(host),
      where: new Map(),
      allIllSince: undefined,
      firstWellAt: Number.NEGATIVE_INFINITY,
    }));
  }

  look(): void {
    for (const pool of this.#pools) {
      for (const host of pool.hosts) this.#judge(pool, host);
      this.#judgeAll(pool);
      const addresses = this.#world.source.specOf(pool.setup.name)['addresses'] as readonly string[];
      const expected = this.#isSettled();
      for (const address of addresses) this.#follow(pool, vipAddress(address), expected);
      if (expected) this.#shares(pool, addresses.length);
    }
  }

  get #now(): number {
    return this.#world.timeline.now;
  }

  /** Nothing but health is a reason for anything. */
  #isSettled(): boolean {
    const { calm, setup } = this.#world;
    const isLed = calm.areControllersCalm(EDIT_MS) && calm.isReignSettled(EDIT_MS);
    return setup.profile !== 'Turbo' && isLed && !calm.configChangedWithin(EDIT_MS);
  }

  #judge({ setup }: PoolWatch, host: Host): void {
    const before = host.health;
    const tracks = [...(host.agent.state?.health.checks.values() ?? [])].filter(
      ({ check }) => check.pool === setup.name,
    );
    const isWeak = tracks.some((track) => track.check.severity === 'Degrade' && isBad(track));
    if (isWeak !== host.isWeak) Object.assign(host, { isWeak, weakSince: this.#now });
    host.health = this.#healthOf(setup, host, tracks);
    const deciding = tracks.filter(({ check }) => check.severity === 'Fail');
    const illSince = newest(deciding.filter(isBad));
    if (illSince > host.illSince) Object.assign(host, { illSince, illSeenAt: this.#now });
    const idle = deciding.filter(({ verdict }) => verdict === 'Idle');
    const idleSince = newest(idle);
    const isIdle = idle.length > 0;
    if (idleSince > host.idleSince) Object.assign(host, { idleSince, since: this.#now, wellSince: this.#now });
    if (host.health === 'ill' || (host.health === 'well' && !isIdle)) host.isUnproven = host.health === 'ill';
    if (host.health === before) return;
    host.since = this.#now;
    if (host.health === 'well' && before !== 'kept-away') host.wellSince = this.#now;
    if (host.health === 'ill' && host.wasWell) host.falls = [...host.falls.slice(-1), this.#now];
    if (host.health === 'ill' || host.health === 'well') host.wasWell = host.health === 'well';
  }

  #healthOf({ name }: PoolSetup, { agent }: Host, tracks: readonly CheckTrack[]): Health {
    if (!agent.isLeased) return 'away';
    const { maintenance, weight } = this.#world.source.declaredOf(agent.node);
    if (maintenance === true || weight === 0) return 'kept-away';
    const deciding = tracks.filter(({ check }) => check.severity === 'Fail');
    const isRepaired = [...(agent.state?.health.repairs.keys() ?? [])].some((pool) => pool === name);
    if (deciding.some(isBad)) return isRepaired ? 'pending' : 'ill';
    return tracks.length === 0 || deciding.some(({ verdict }) => verdict === 'Pending') ? 'pending' : 'well';
  }

  #judgeAll(pool: PoolWatch): void {
    const { hosts } = pool;
    if (hosts.every(({ health }) => health === 'ill')) {
      const began = hosts.map(({ since }) => since);
      // Fell ill one after the other: that may have causes of its own on each.
      const isSudden = Math.max(...began) - Math.min(...began) <= RECOVERY_MS / 2;
      pool.allIllSince ??= isSudden ? this.#now : undefined;
      pool.firstWellAt = this.#now;
    } else if (this.#now - pool.firstWellAt > RECOVERY_MS) {
      pool.allIllSince = undefined;
    }
  }

  #is(host: Host, health: Health, forMs: number): boolean {
    return host.health === health && this.#now - host.since > forMs;
  }

  #isIll = (host: Host, forMs: number): boolean => this.#is(host, 'ill', forMs) && this.#now - host.illSeenAt > forMs;

  #isSound = ({ agent }: Host): boolean => this.#world.calm.isSound(agent.kernel.index);

  /** Somebody who may be given VIPs for certain. */
  #eligible({ hosts }: PoolWatch, apart?: Host): Host | undefined {
    return hosts.find((host) => host !== apart && this.#isSound(host) && this.#is(host, 'well', ELIGIBLE_MS));
  }

  #follow(pool: PoolWatch, vip: VipAddress, settled: boolean): void {
    const kernels = this.#world.checks.holders(vip);
    const host = pool.hosts.find(({ agent }) => agent.kernel === kernels[0]);
    const known = pool.where.get(vip) ?? { host, last: host, since: this.#now };
    const place = known.host === host ? known : { host, last: host ?? known.last, since: this.#now };
    pool.where.set(vip, place);
    if (!settled) return;
    if (host && known.host !== host) this.#arrived(pool, vip, known.last, host);
    if (host) this.#stays(pool, vip, host);
    else if (this.#now - place.since > UNHELD_MS) this.#unheld(pool, vip);
  }

  #fail(invariant: Invariant, text: string): never {
    return this.#world.checks.fail(invariant, text);
  }

  #stays(pool: PoolWatch, vip: VipAddress, host: Host): void {
    const { node } = host.agent;
    if (!this.#isSound(host)) return;
    // Where holders fail one after the other, the last of them waits.
    const illMs = host.idleSince > 0 ? CHASE_MS + REACT_MS : REACT_MS;
    const bad = this.#isIll(host, illMs) ? 'ill' : this.#is(host, 'kept-away', REACT_MS) ? 'kept-away' : undefined;
    if (bad === undefined) return;
    const other = this.#eligible(pool, host);
    if (other) this.#fail('S4', `${vip} stays on ${node}, which is ${bad}, although ${other.agent.node} is well`);
  }

  #arrived(pool: PoolWatch, vip: VipAddress, from: Host | undefined, to: Host): void {
    const { node } = to.agent;
    // Also right after its agent began anew: above all then.
    if (this.#is(to, 'pending', REACT_MS / 2))
      this.#fail('S5', `${vip} came to ${node}, of which nothing is known yet`);
    if (!this.#isSound(to)) return;
    if (this.#is(to, 'kept-away', REACT_MS)) this.#fail('S5', `${vip} came to ${node}, which is kept away`);
    const other = this.#eligible(pool, to);
    if (other && this.#isIll(to, REACT_MS)) this.#fail('S5', `${vip} came to ${node}, which is ill`);
    if (other && this.#isHeldOff(to)) this.#fail('S8', `${vip} came to ${node}, which was ill again a moment ago`);
    if (other && this.#isUnproven(to)) this.#fail('S8', `${vip} came to ${node}, which was ill when it held VIPs last`);
    const isAlarm = keeps(pool) && pool.allIllSince !== undefined && this.#now - pool.allIllSince > REACT_MS;
    if (isAlarm && from?.health === 'ill' && from !== to && pool.hosts.every(this.#isSound)) {
      this.#fail('S5', `${vip} moved from ${from.agent.node} to ${node} while every host failed the same check`);
    }
  }

  /** Ill for the second time within the window, and well for less than the least hold-off. */
  #isHeldOff({ health, wellSince, falls }: Host): boolean {
    const [last, before] = falls.toReversed();
    if (health !== 'well' || last === undefined || before === undefined) return false;
    const isRecent = this.#now - before < WINDOW_MS && last - before > REACT_MS;
    return isRecent && this.#now - wellSince < LEAST_HOLD_OFF_MS && this.#world.calm.areControllersCalm(2 * WINDOW_MS);
  }

  /** Nobody has seen it well since, and that was not long ago. */
  #isUnproven({ isUnproven, health, wellSince }: Host): boolean {
    const isRecent = this.#now - wellSince < LEAST_HOLD_OFF_MS;
    return isUnproven && health !== 'ill' && isRecent && this.#world.calm.areControllersCalm(2 * WINDOW_MS);
  }

  #unheld(pool: PoolWatch, vip: VipAddress): void {
    const able = this.#eligible(pool) ?? (keeps(pool) ? this.#leastBad(pool) : undefined);
    if (able) this.#fail('S4', `nobody answers for ${vip}, although ${able.agent.node} could`);
  }

  #leastBad({ hosts }: PoolWatch): Host | undefined {
    return hosts.find((host) => this.#isSound(host) && this.#is(host, 'ill', UNHELD_MS));
  }

  /** A host that a check makes less preferred carries less than the others. */
  #shares(pool: PoolWatch, total: number): void {
    const others = pool.hosts.filter(({ isWeak }) => !isWeak);
    const isFit = (host: Host): boolean =>
      this.#isSound(host) && this.#is(host, 'well', ELIGIBLE_MS) && this.#now - host.weakSince > ELIGIBLE_MS;
    if (others.length === 0 || !others.every(isFit)) return;
    for (const host of pool.hosts) {
      if (!host.isWeak || this.#now - host.weakSince < 1_500 || !this.#isSound(host) || host.health !== 'well')
        continue;
      const load = [...pool.where.values()].filter((item) => item.host === host).length;
      if (load * pool.hosts.length >= total) {
        this.#fail('S6', `${host.agent.node} is degraded and carries ${load} of ${total} in ${pool.setup.name}`);
      }
    }
  }
}

const keeps = ({ setup }: PoolWatch): boolean => (setup.health?.['whenAllUnhealthy'] ?? 'Keep') === 'Keep';

const newest = (tracks: readonly CheckTrack[]): number => Math.max(0, ...tracks.map(({ since }) => since));

const isBad = ({ verdict }: CheckTrack): boolean => verdict === 'Failing' || verdict === 'Unknown';
