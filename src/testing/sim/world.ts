/**
 * Controllers and agents - the real core - in one process, in virtual time, from one seed: machines, two networks, the
 * store of the election, the source of pools. After every event the world checks what must always hold.
 */
import type { BoundAddress } from '../../core/agent/agent-memory.ts';
import { type Electorate, type ElectorateMember, isMember } from '../../core/electorate.ts';
import { type ControllerId, controllerId, type NodeName, poolName, type VipAddress } from '../../core/ids.ts';
import type { PeerMessage } from '../../core/peer-messages.ts';
import type { WitnessMessage } from '../../core/witness-messages.ts';
import { revokeAfterMs } from '../../core/timing.ts';
import { Calm } from './calm.ts';
import { Checks, PLAIN_HELD_OFF_MS } from './checks.ts';
import { FlapWatch } from './flap-watch.ts';
import { Links, NETWORKS, type NetworkName } from './links.ts';
import { HealthWatch } from './health-watch.ts';
import { LocalClock } from './local-clock.ts';
import { LoneLosses } from './lone-losses.ts';
import { Members } from './members.ts';
import { Outages } from './outages.ts';
import { SeededRandom } from './random.ts';
import { RulesWatch } from './rules-watch.ts';
import { Sessions } from './sessions.ts';
import { controllerMachine, hostsOf, labelsOf, machinesOf, type PoolSetup, type Setup } from './setup.ts';
import { SimAgent } from './sim-agent.ts';
import { SimController } from './sim-controller.ts';
import { INTERFACE, SimKernel } from './sim-kernel.ts';
import { SimSource } from './sim-source.ts';
import { wallAt } from './sim-tasks.ts';
import { SimStore } from './sim-store.ts';
import { Takeovers } from './takeovers.ts';
import { Timeline } from './timeline.ts';

/** Receives what happens, for people: at which virtual ms, who, what. */
export type Trace = (who: string, what: string, fields?: Readonly<Record<string, unknown>>) => void;

/** A new cluster has its first master, and every VIP a holder. */
const SETTLED_MS = 2_500;
/** Keys of the store whose lease ended disappear with this period. */
const STORE_EXPIRY_MS = 500;
/** A doubled datagram comes up to this much later. */
const DOUBLE_WITHIN_MS = 1_500;
/** Who holds without a lease asks every 25 ms who else answers; some of these questions are lost. */
const HEALED_WITHIN_MS = 150;
/** What a host with several faults suffers in a pool without checks, short enough to see the end of it. */
const PLAIN_DAMPING = { base: '1s', max: `${PLAIN_HELD_OFF_MS}ms`, window: '6s' };
/** Clock rates lie in 1 ± this. */
const RATE_SPREAD = 0.005;

export class World {
  readonly timeline = new Timeline();
  readonly random: SeededRandom;
  readonly setup: Setup;
  readonly trace: Trace | undefined;
  /** What the administrator configures controllers and agents with. */
  wanted: readonly ElectorateMember[];
  /** Of `wanted`. Broken off: whoever had to leave has left, too late for the others to be started anew. */
  rollOut: 'under way' | 'done' | 'broken off' = 'done';
  readonly links: Links;
  readonly sessions: Sessions;
  readonly store = new SimStore();
  readonly source: SimSource;
  readonly members: Members;
  readonly calm: Calm;
  readonly checks: Checks;
  readonly takeovers: Takeovers;
  readonly loneLosses: LoneLosses;
  readonly kernels: readonly SimKernel[];
  readonly agents: readonly SimAgent[];
  /** What judges where VIPs are in place of what fits plain pools. */
  readonly rules: RulesWatch | undefined;
  readonly controllers: readonly SimController[];
  /** Faults between each controller and the store, and the source. */
  readonly storeCuts: number[];
  readonly sourceCuts: number[];
  readonly #network: SeededRandom;
  #storeChanges = 0;

  constructor(seed: number, setup: Setup, trace?: (at: number, ...rest: Parameters<Trace>) => void) {
    this.random = new SeededRandom(seed);
    this.setup = setup;
    this.trace = trace && ((...rest) => trace(this.timeline.now, ...rest));
    this.#network = this.random.fork(1);
    this.wanted = Array.from({ length: setup.members ?? setup.controllers }, (_, index) => this.memberOf(index));
    this.links = new Links(machinesOf(setup), this.random.fork(2));
    this.calm = new Calm(setup, {
      now: () => this.timeline.now,
      electorate: () => this.electorate,
      isAtLoss: (controller) => this.controllers[controller]?.isAtLoss === true,
    });
    const clocks = this.random.fork(3);
    const clock = (): LocalClock =>
      new LocalClock(this.timeline, rateOf(setup, clocks), clocks.between(1_000, 100_000));
    const controllers: SimController[] = [];
    this.source = new SimSource(
      {
        now: () => this.timeline.now,
        changed: () => this.#sourceChanged(),
        written: (record, status) => this.rules?.taskWritten(record, status),
      },
      new Map(hostsOf(setup).map((node, host) => [node, labelsOf(setup, host)])),
    );
    this.members = new Members(hostsOf(setup));
    this.takeovers = new Takeovers(hostsOf(setup), (pool) => this.source.everHeld(pool));
    this.loneLosses = new LoneLosses(this);
    this.checks = new Checks({
      now: () => this.timeline.now,
      setup,
      calm: this.calm,
      controllers,
      kernels: () => this.kernels,
      takeovers: this.takeovers,
      areApart: (holders, vip) => this.#areApart(holders, vip),
    });
    this.controllers = controllers;
    this.kernels = Array.from(
      { length: setup.hosts },
      (_, index) => new SimKernel(index, clock(), setup.timing, this.checks),
    );
    this.agents = this.kernels.map((kernel) => new SimAgent(this, kernel));
    for (let index = 0; index < setup.controllers; index++) {
      const remembers = ((setup.remembering >> index) & 1) === 1;
      controllers.push(new SimController(this, index, controllerMachine(setup, index), clock(), remembers));
    }
    this.rules = setup.hasRules === true ? new RulesWatch(this) : undefined;
    this.storeCuts = controllers.map(() => 0);
    this.sourceCuts = controllers.map(() => 0);
    this.sessions = new Sessions({
      timeline: this.timeline,
      links: this.links,
      random: this.#network,
      doubled: setup.doubled,
      controllers,
      again: (run, atOnce) => this.#again(run, atOnce),
    });
  }

  memberOf(index: number): ElectorateMember {
    const id = controllerId(`c${index + 1}`);
    return { id, address: `${id}:7001` };
  }

  /** On record, or to be recorded first. */
  get electorate(): Electorate {
    return this.store.electorate ?? { version: 1, members: this.wanted };
  }

  /** Whether the controller counts now. */
  counts({ id }: SimController): boolean {
    return isMember(this.electorate, id);
  }

  start(): void {
    for (const pool of this.setup.pools) this.source.apply(manifestOf(pool, this.setup.failbackDelayMs));
    for (const controller of this.controllers) controller.start();
    for (const agent of this.agents) agent.start();
    this.#expireStore();
    this.#watchHolders();
    // Until everything is in place for the first time nobody is calm.
    const beginning = { hosts: this.kernels.map(({ index }) => index) };
    this.calm.begin(beginning);
    this.timeline.plan(SETTLED_MS, () => this.calm.end(beginning));
  }

  run(forMs: number): void {
    this.timeline.runTo(this.timeline.now + forMs, () => this.checks.afterEvent());
  }

  controller(id: ControllerId): SimController {
    for (const controller of this.controllers) if (controller.id === id) return controller;
    throw new Error(`no controller ${id}`);
  }

  peer(from: SimController, to: ControllerId, message: PeerMessage): void {
    const receiver = this.controller(to);
    this.#datagram('management', from.machine, receiver.machine, () =>
      receiver.deliver({ kind: 'peer', from: from.id, message }),
    );
  }

  /** Asked over both networks; the second answer is a doubled one. */
  witness(from: SimAgent, to: NodeName, message: WitnessMessage): void {
    const receiver = this.agents.find(({ node }) => node === to);
    if (!receiver) return;
    for (const network of NETWORKS) {
      this.#datagram(network, from.machine, receiver.machine, () =>
        receiver.deliver({ kind: 'witness', from: from.node, message }),
      );
    }
  }

  /** Hosts that answer for the addresses are heard where both directions of the service network carry. */
  probe(from: SimAgent, addresses: readonly BoundAddress[]): void {
    for (const agent of this.agents) {
      const { kernel } = agent;
      if (agent === from) continue;
      this.#datagram('service', from.machine, kernel.index, () => {
        for (const { vip } of addresses) {
          if (!kernel.answers(vip)) continue;
          this.#claim(kernel, from, vip);
          agent.deliver({ kind: 'asked', vip, interface: INTERFACE, mac: from.kernel.mac });
        }
      });
    }
  }

  /** Who has a VIP that another host announces hears of it. */
  announced(from: SimAgent, addresses: readonly BoundAddress[]): void {
    for (const agent of this.agents) {
      if (agent === from) continue;
      for (const { vip } of addresses) if (agent.kernel.has(vip)) this.#claim(from.kernel, agent, vip);
    }
  }

  seesStore(controller: SimController): boolean {
    return this.store.down === 0 && this.storeCuts[controller.index] === 0;
  }

  seesSource(controller: SimController): boolean {
    return this.source.down === 0 && this.sourceCuts[controller.index] === 0;
  }

  /** Tells the watchers when something did change. */
  storeChanged(): void {
    if (this.store.changes === this.#storeChanges) return;
    this.#storeChanges = this.store.changes;
    for (const controller of this.controllers) {
      if (!this.seesStore(controller)) continue;
      this.timeline.plan(this.timeline.now + 1 + this.random.fraction() * 3, () =>
        controller.deliver({ kind: 'election', event: { kind: 'store-changed' } }),
      );
    }
  }

  tellSnapshot(controller: SimController): void {
    if (!this.seesSource(controller)) return;
    this.timeline.plan(this.timeline.now + 1 + this.random.fraction() * 20, () => {
      if (!this.seesSource(controller)) return;
      const { tasks } = this.source;
      controller.deliver({ kind: 'snapshot', snapshot: this.source.snapshot() });
      if (!tasks.isUsed) return;
      const { tasksAsOf: asOf } = controller;
      controller.deliver({ kind: 'tasks', tasks: tasks.manifests, asOf, wallMs: wallAt(this.timeline.now) });
    });
  }

  /**
   * No probe gets or got through to a running agent between two that answer, and all but one go on without a lease, or
   * whoever gave the VIP away could not know of theirs.
   */
  #areApart(holders: readonly SimKernel[], vip: VipAddress): boolean {
    const { links } = this;
    const heard = (from: SimKernel, to: SimKernel): boolean => {
      const { healedAt } = links.of('service', from.index, to.index);
      const healedForMs = this.timeline.now - healedAt;
      // A host whose agent does not run hears nobody; its fence closes within one lease.
      const runningForMs = this.timeline.now - (this.agents[to.index]?.runningSince ?? Infinity);
      const hearsForMs =
        healedForMs > revokeAfterMs(this.setup.timing) ? healedForMs : Math.min(healedForMs, runningForMs);
      return links.passes('service', from.index, to.index) && hearsForMs > HEALED_WITHIN_MS;
    };
    const apart = (a: SimKernel, b: SimKernel): boolean => !heard(a, b) || !heard(b, a);
    const leased = holders.filter(({ index }) => this.agents[index]?.isLeased === true);
    const isExcused = leased.length < 2 || this.#haveAllForgotten || this.takeovers.wasGivenBlindly(vip);
    return isExcused && holders.some((a) => holders.some((b) => a !== b && apart(a, b)));
  }

  /** Nobody of those who decide knows which leases there were. */
  get #haveAllForgotten(): boolean {
    const known = this.controllers.flatMap(({ state }) => state?.electorate ?? []);
    const newest = known.reduce<Electorate | undefined>((a, b) => (a && a.version > b.version ? a : b), undefined);
    // While the electorate changes nobody leads for a moment.
    const { electorate = newest } = this.controllers.find(({ leads }) => leads)?.state ?? {};
    const members = this.controllers.filter(({ id }) => electorate?.members.some((member) => member.id === id));
    return members.length > 0 && members.every(({ hasForgotten }) => hasForgotten);
  }

  #sourceChanged(): void {
    for (const controller of this.controllers) this.tellSnapshot(controller);
  }

  #claim(by: SimKernel, at: SimAgent, vip: VipAddress): void {
    this.#datagram('service', by.index, at.machine, () => {
      if (by.powered) at.deliver({ kind: 'claimed', vip, interface: INTERFACE, mac: by.mac });
    });
  }

  #datagram(network: NetworkName, from: number, to: number, arrive: () => void): void {
    const { links, timeline } = this;
    if (!links.passes(network, from, to)) return;
    const delay = links.transit(network, from, to, false);
    if (delay === undefined) return;
    timeline.plan(timeline.now + delay, arrive);
    if (!this.#network.chance(this.setup.doubled)) return;
    const atOnce = this.#network.chance(0.3);
    const later = atOnce ? 0 : this.#network.fraction() * DOUBLE_WITHIN_MS;
    timeline.plan(timeline.now + delay + later, () => this.#again(arrive, atOnce));
  }

  #again(run: () => void, atOnce: boolean): void {
    const before = this.checks.mutations;
    if (!atOnce) this.loneLosses.echoed();
    run();
    if (atOnce && this.checks.mutations !== before) {
      this.checks.fail('S7', 'the second delivery of a message changed who holds a VIP or who is master');
    }
  }

  #watchHolders(): void {
    const isChecked = this.setup.pools.some(({ health }) => health !== undefined);
    this.#keepLooking(this.rules ?? (isChecked ? new HealthWatch(this) : new Outages(this)));
    if (this.setup.hasFlaps === true) this.#keepLooking(new FlapWatch(this));
  }

  #keepLooking(watch: { readonly lookMs: number; look: () => void }): void {
    watch.look();
    this.timeline.plan(this.timeline.now + watch.lookMs, () => this.#keepLooking(watch));
  }

  #expireStore(): void {
    this.timeline.plan(this.timeline.now + STORE_EXPIRY_MS, () => {
      if (this.store.down === 0 && this.store.expire(this.timeline.now)) this.storeChanged();
      this.#expireStore();
    });
  }
}

function rateOf({ drift }: Setup, random: SeededRandom): number {
  if (drift === 'any') return 1 + (random.fraction() * 2 - 1) * RATE_SPREAD;
  return random.chance(0.5) ? 1 + RATE_SPREAD : 1 - RATE_SPREAD;
}

const manifestOf = (pool: PoolSetup, failbackDelayMs: number): Parameters<SimSource['apply']>[0] => ({
  name: poolName(pool.name),
  uid: `uid-${pool.name}`,
  generation: 1,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  spec: {
    addresses: pool.vips,
    interface: { names: [INTERFACE] },
    failback: { policy: pool.failback, delay: `${failbackDelayMs}ms` },
    onQuorumLoss: pool.onQuorumLoss,
    health: pool.health ?? { damping: PLAIN_DAMPING },
    ...(pool.placement === undefined ? {} : { placement: pool.placement }),
  },
  status: undefined,
});
