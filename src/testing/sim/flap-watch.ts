/**
 * When VIPs come back to hosts that fail again and again: not before the hold-off is over where the host failed twice
 * within the window while another one was well, and after the plain delay where it did not. What a host says of itself is
 * taken for the truth.
 */
import { reachOf } from '../../core/agent/reaching.ts';
import { type VipAddress, vipAddress } from '../../core/ids.ts';
import { revokeAfterMs } from '../../core/timing.ts';
import { LOOK_MS } from './health-watch.ts';
import type { SimAgent } from './sim-agent.ts';
import type { World } from './world.ts';

/** Of the damping of plain pools: the window, and the shortest hold-off less what looks and messages take. */
const [WINDOW_MS, LEAST_HOLD_OFF_MS] = [6_000, 900];
/** Everything that was ever held against a host is over by then. */
const FORGOTTEN_MS = 2 * WINDOW_MS;
/** What happens closer together happens at once, or in any order. */
const BLUR_MS = 300;
/** From the end of the failback delay until a VIP is home. */
const COMES_HOME_MS = 1_200;
/** What a new master or an edit brings about is over. */
const SETTLED_MS = 3_000;

interface Fall {
  readonly from: number;
  readonly until: number;
  /** It counts for certain, or perhaps; another one does not. */
  readonly counts: 'yes' | 'perhaps';
}

interface Host {
  readonly agent: SimAgent;
  isWell: boolean;
  /** Since when it is well, or is not. */
  since: number;
  /** It lost its carrier, or the others, and not only its lease. */
  isCut: boolean;
  falls: readonly Fall[];
}

export class FlapWatch {
  readonly lookMs = LOOK_MS;
  readonly #world: World;
  readonly #hosts: readonly Host[];
  readonly #holders = new Map<VipAddress, Host>();

  constructor(world: World) {
    this.#world = world;
    this.#hosts = world.agents.map((agent) => ({ agent, isWell: false, since: 0, isCut: false, falls: [] }));
  }

  look(): void {
    for (const host of this.#hosts) this.#judge(host);
    const { setup, source, calm } = this.#world;
    const isLed = calm.areControllersCalm(FORGOTTEN_MS) && calm.isReignSettled(SETTLED_MS);
    for (const { name } of setup.pools) {
      for (const address of source.specOf(name)['addresses'] as readonly string[])
        this.#follow(vipAddress(address), isLed);
      if (!isLed) continue;
      for (const { vip, home } of source.bindingsOf(name)) this.#expectHome(vip, home);
    }
  }

  get #now(): number {
    return this.#world.timeline.now;
  }

  #judge(host: Host): void {
    const { agent } = host;
    const reach = agent.state ? reachOf(agent.state.health) : [];
    const isCut = agent.kernel.carrierLost > 0 || reach.some(({ state }) => state === 'Silent');
    const isWell = agent.isLeased && !isCut;
    if (isCut) host.isCut = true;
    if (isWell === host.isWell) return;
    const from = host.since;
    Object.assign(host, { isWell, since: this.#now });
    if (!isWell) return;
    const counts = this.#counts(host, from);
    host.isCut = false;
    if (counts !== 'no') host.falls = [...host.falls.slice(-1), { from, until: this.#now, counts }];
  }

  /** Where every other host fell as well, before this one was back, it was no fault of its own. */
  #counts(host: Host, from: number): Fall['counts'] | 'no' {
    const others = this.#hosts.filter((other) => other !== host);
    if (others.every(({ isWell, since }) => !isWell || since > from + BLUR_MS)) return 'no';
    const isSeen = host.isCut || this.#now - from > revokeAfterMs(this.#world.setup.timing);
    const isOwn = others.some(({ isWell, since }) => isWell && since < from - BLUR_MS);
    return isSeen && isOwn && from > 0 ? 'yes' : 'perhaps';
  }

  #follow(vip: VipAddress, isLed: boolean): void {
    const [kernel] = this.#world.checks.holders(vip);
    const host = this.#hosts.find(({ agent }) => agent.kernel === kernel);
    const last = this.#holders.get(vip);
    // What nobody holds has to go somewhere, as has what leaves a host that failed.
    if (!host) this.#holders.delete(vip);
    if (!host || host === last) return;
    this.#holders.set(vip, host);
    const isFree = last?.isWell === true && this.#now - last.since > BLUR_MS;
    if (isLed && isFree && this.#isHeldOff(host))
      this.#world.checks.fail('S8', `${vip} came to ${host.agent.name}, which has failed again a moment ago`);
  }

  #isHeldOff({ isWell, falls }: Host): boolean {
    const [last, before] = falls.toReversed();
    if (!isWell || last?.counts !== 'yes' || before?.counts !== 'yes') return false;
    return last.from - before.until < WINDOW_MS - BLUR_MS && this.#now - last.until < LEAST_HOLD_OFF_MS;
  }

  /** One fault alone costs no more than the delay, nor do those of all. */
  #expectHome(vip: VipAddress, node: string | undefined): void {
    const { calm, checks, setup } = this.#world;
    const home = this.#hosts.find(({ agent }) => agent.node === node);
    const holder = this.#holders.get(vip);
    if (!home || !holder || home === holder || !home.isWell) return;
    const wellMs = this.#now - home.since;
    const recent = home.falls.filter(({ until }) => this.#now - until < FORGOTTEN_MS);
    if (recent.length > 1 || wellMs < setup.failbackDelayMs + COMES_HOME_MS) return;
    if (!this.#hosts.every(({ isWell, since }) => isWell && this.#now - since > COMES_HOME_MS)) return;
    if (calm.configChangedWithin(SETTLED_MS)) return;
    const what = `${vip} is on ${holder.agent.name}`;
    checks.fail('S6', `${what}, although ${home.agent.name} is its home and well for ${wellMs.toFixed(0)} ms`);
  }
}
