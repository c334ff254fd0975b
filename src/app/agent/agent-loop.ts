import { agentWakeAt, stepAgent } from '../../core/agent/agent.ts';
import {
  type AgentConfig,
  type AgentEffect,
  type AgentEvent,
  type AgentState,
  hasLease,
  initialAgent,
  leaseEnd,
} from '../../core/agent/agent-state.ts';
import { carriersOf } from '../../core/agent/health-state.ts';
import { NODE_LEASE } from '../../core/agent/hold-rights.ts';
import { type SuccessionChance, successionChance } from '../../core/agent/leaving.ts';
import { isFirstAnswer } from '../../core/agent/network-view.ts';
import { roundOf } from '../../core/agent/rounds.ts';
import { whyNoLease } from '../../core/agent/why-no-lease.ts';
import { type ControllerId, epoch, incarnation, type PoolName } from '../../core/ids.ts';
import type { Capability, ControllerMessage } from '../../core/messages.ts';
import type { ExecProbe } from '../../core/checks.ts';
import type { AgentMemoryStore } from '../../ports/agent-memory.ts';
import type { Probe } from '../../ports/check-probe.ts';
import type { CheckRunner } from '../../ports/check-runner.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ControllerLink, ControllerLinkEvent } from '../../ports/controller-link.ts';
import type { Fence, FenceReport } from '../../ports/fence.ts';
import type { LoadMeter } from '../../ports/load-meter.ts';
import type { Log, LogLevel } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { MarkedAddress, Network, NetworkEvent } from '../../ports/network.ts';
import type { Random } from '../../ports/random.ts';
import type { WitnessLink } from '../../ports/witness-link.ts';
import { Lateness } from '../lateness.ts';
import { pause } from '../pause.ts';
import { SerialQueue } from '../serial-queue.ts';
import { AgentTrace } from './agent-trace.ts';
import { RepairCommands } from './repair-commands.ts';

export interface AgentPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly network: Network;
  readonly link: ControllerLink;
  readonly memory: AgentMemoryStore;
  /** Started, with this result. */
  readonly fence: Fence;
  readonly fenceReport: FenceReport;
  /** The way to our peers; without one we never hold beyond the node lease. */
  readonly witness?: WitnessLink;
  /** Undefined: nobody asked for it. */
  readonly realtime: () => Capability | undefined;
  /** Without one, checks stay without a verdict. */
  readonly checks?: CheckRunner;
  /** Without one, placement takes no account of how much of this host is used. */
  readonly load?: LoadMeter;
  /** Runs repair commands; without one none of them helps. */
  readonly repairs?: Probe<ExecProbe>;
  /** Undefined: as the process was started. */
  readonly logLevel?: (level: LogLevel | undefined) => void;
}

/** How long the last words have to reach the wire before the links are torn down. */
const LAST_WORDS_MS = 10;
const LOAD_EVERY_MS = 5_000;
/** A successor on this host has to be there within the lease: runs that hang are not waited for any longer. */
const LAST_LOOK_MS = 50;

/** The imperative shell of the agent: turns what the ports report into events and carries out what core decides. */
export class AgentLoop {
  readonly #ports: AgentPorts;
  readonly #config: AgentConfig;
  readonly #queue: SerialQueue<AgentEvent>;
  readonly #repairs: RepairCommands;
  readonly #trace: AgentTrace;
  #state: AgentState;
  #cancelLoad: () => void = () => undefined;
  #onStopped: () => void = () => undefined;

  constructor(ports: AgentPorts, config: AgentConfig) {
    this.#ports = ports;
    this.#config = config;
    this.#state = initialAgent({ incarnation: incarnation(''), epoch: epoch(0) });
    this.#repairs = new RepairCommands(ports, config.node, (answer) =>
      this.#queue.push({ kind: 'repaired', ...answer }),
    );
    this.#trace = new AgentTrace(ports, () => this.#state);
    const lateness = new Lateness(ports, config.timing.leaseMs / 4);
    this.#queue = new SerialQueue<AgentEvent>(
      ports.clock,
      { kind: 'tick' },
      (event) => this.#handle(event),
      () => agentWakeAt(this.#state, this.#config),
      (lateMs) => lateness.note(lateMs),
    );
  }

  async start(): Promise<void> {
    const { network, memory, random, link } = this.#ports;
    network.start((event) => this.#onNetwork(event));
    this.#queue.push({
      kind: 'start',
      memory: memory.load(),
      marked: network.marked(),
      interfaces: network.interfaces(),
      fence: this.#fenceCapability(),
      realtime: this.#ports.realtime(),
      fenceOpen: this.#ports.fence.isOpen(NODE_LEASE),
      incarnation: incarnation(random.hex(8)),
    });
    this.#ports.metrics.beforeRead(() => this.#showLease());
    this.#ports.checks?.start((run) => {
      this.#queue.push({ kind: 'check-run', run });
      this.#trace.ran(run);
    });
    await this.#ports.witness?.start(({ from, message }) => this.#queue.push({ kind: 'witness', from, message }));
    await link.start((event) => this.#onLink(event));
    this.#sampleLoad();
    this.#trace.start();
  }

  /** The first sample is the beginning of the second. One at a time: those that hang would pile up. */
  #sampleLoad(): void {
    const { load: meter, clock } = this.#ports;
    if (!meter || this.#state.phase === 'stopped') return;
    this.#cancelLoad = clock.after(LOAD_EVERY_MS, () => {
      void meter.sample().then((load) => {
        if (load) this.#queue.push({ kind: 'load', load });
        this.#sampleLoad();
      });
    });
  }

  /** Why this agent may hold no VIP by a lease now; undefined: it may. */
  notReady(): string | undefined {
    if (hasLease(this.#state, this.#ports.clock.now())) return undefined;
    return whyNoLease(this.#state, this.#config);
  }

  /** Where VIPs of the pool are or would be; none: that is not known. */
  serviceInterfaces(pool: PoolName): readonly string[] {
    const known = carriersOf(this.#state.health, pool);
    const { interfaces } = this.#config;
    return known.length === 0 && interfaces.length === 1 ? interfaces : known;
  }

  #showLease(): void {
    const remainingMs = Math.max(0, leaseEnd(this.#state) - this.#ports.clock.now());
    this.#ports.metrics.gauge('node_lease_remaining_seconds', remainingMs / 1_000, { node: this.#config.node });
  }

  /** Whether a successor on this host could go on with what is held. */
  successionChance(): SuccessionChance {
    return successionChance(this.#state, this.#ports.clock.now(), this.#config);
  }

  /** The host's ability to be scheduled in real time has changed. */
  realtimeChanged(): void {
    this.#queue.push({ kind: 'realtime', realtime: this.#ports.realtime() });
  }

  #fenceCapability(): Capability {
    const { fenceReport: report } = this.#ports;
    if (report.kind === 'kernel') {
      const message = `nf_tables; a deadline was kept within ${report.latenessMs.toFixed(1)} ms`;
      this.#ports.log.log('info', 'the kernel fences this host', { ...report });
      return { active: true, message };
    }
    this.#ports.log.log('warn', 'no fence in the kernel: an agent that hangs keeps its VIPs for their lifetime', {
      reason: report.reason,
    });
    return { active: false, message: report.reason };
  }

  /**
   * `handover`: gives every VIP to others, which takes one lease at most, and leaves nothing on the host. `keep`: leaves all
   * to a successor on it.
   */
  async stop(mode: 'handover' | 'keep'): Promise<void> {
    const stopped = new Promise<void>((resolve) => void (this.#onStopped = resolve));
    this.#queue.push({ kind: 'stop', mode });
    await stopped;
    this.#queue.stop();
    this.#cancelLoad();
    this.#trace.stop();
    const { clock, link, witness, checks, network, fence, log } = this.#ports;
    const looked = Promise.all([checks?.stop(), this.#repairs.stop()]);
    // Tearing down the links takes milliseconds, here and at their other ends, which whoever takes over needs first.
    await pause(clock, LAST_WORDS_MS);
    await Promise.all([link.stop(), witness?.stop(), Promise.race([looked, pause(clock, LAST_LOOK_MS)])]);
    // A host that was left in order has nothing of ours; where a VIP is left, the fence stays in its way.
    const clean = mode === 'handover' && this.#state.fence.active && network.marked().length === 0;
    network.stop();
    try {
      if (clean) fence.remove();
      else fence.stop();
    } catch (error) {
      log.log('error', 'fence not removed', { err: error });
      fence.stop();
    }
  }

  #onNetwork(event: NetworkEvent): void {
    switch (event.kind) {
      case 'interfaces':
        return this.#queue.push(event);
      case 'address-removed':
        return this.#queue.push({ kind: 'address-removed', address: event.address });
      case 'address-added':
        return undefined;
      case 'answered':
        return this.#queue.push({ kind: 'neighbour-answered', interface: event.interface, address: event.address });
      case 'claimed':
      case 'asked':
        return this.#queue.push(event);
      case 'overflow':
        this.#queue.push({ kind: 'interfaces', interfaces: this.#ports.network.interfaces() });
        return this.#queue.push({ kind: 'resync', marked: this.#ports.network.marked() });
    }
  }

  #onLink(event: ControllerLinkEvent): void {
    switch (event.kind) {
      case 'connected':
      case 'disconnected':
        this.#ports.log.log('info', `controller ${event.kind}`, { controller: event.controller });
        return this.#queue.push(event);
      case 'message':
        return this.#onMessage(event.controller, event.message);
    }
  }

  #onMessage(controller: ControllerId, message: ControllerMessage): void {
    switch (message.kind) {
      case 'ack':
        this.#measureRoundTrip(controller, message.sequence);
        return this.#queue.push({ ...message, controller });
      case 'nack':
        this.#trace.refused(controller);
        return this.#queue.push({ ...message, controller });
      case 'assignment':
        return this.#queue.push({ kind: 'assignment', assignment: message });
      case 'bar':
        return this.#queue.push({ kind: 'bar', controller, request: message });
      case 'config':
        return this.#queue.push({ kind: 'config', config: message });
      case 'electorate':
        return this.#queue.push(message);
    }
  }

  #measureRoundTrip(controller: ControllerId, sequence: number): void {
    const { clock, metrics } = this.#ports;
    const round = roundOf(this.#state.rounds, sequence);
    if (!round || !isFirstAnswer(this.#state, controller, sequence)) return;
    const roundTripMs = clock.now() - round.sentAt;
    metrics.observe('heartbeat_round_trip_seconds', roundTripMs / 1_000, { controller });
    this.#trace.acknowledged(controller, roundTripMs);
  }

  /**
   * Effects are carried out in order. A change of addresses is observed before anything else happens; what the kernel
   * says of the fence comes after all of them, for it may end the lease, and what is undone must have been done.
   */
  #handle(event: AgentEvent): void {
    const before = this.#state;
    const [state, effects] = stepAgent(before, event, this.#ports.clock.now(), this.#config);
    if (event.kind === 'claimed' && state.rivals !== before.rivals) this.#ports.metrics.count('conflicts_total');
    this.#state = state;
    const answers: AgentEvent[] = [];
    for (const effect of effects) {
      if (effect.kind === 'fence') answers.push(this.#extend(effect));
      else this.#run(effect);
    }
    for (const answer of answers) this.#handle(answer);
    if (state.phase === 'stopped') this.#onStopped();
    this.#trace.stepped(before, state);
  }

  #extend({ mode, fenceClass, until }: AgentEffect & { kind: 'fence' }): AgentEvent {
    const { fence } = this.#ports;
    const ends = fence.extend(mode, fenceClass, until);
    // A refresh does not revive what the kernel has closed: then the lease is lost, whatever the clock says.
    const open = mode === 'acquire' || !this.#state.fence.active || fence.isOpen(fenceClass);
    return open ? { kind: 'fenced', fenceClass, until: ends } : { kind: 'fence-lost', fenceClass };
  }

  #run(effect: Exclude<AgentEffect, { kind: 'fence' }>): void {
    const { link, memory, network, fence, log, metrics } = this.#ports;
    switch (effect.kind) {
      case 'send':
        return link.send(effect.controller, effect.message);
      case 'connect':
        return link.connect(effect.controllers);
      case 'save':
        return memory.save(effect.memory);
      case 'save-lease':
        return memory.saveLease(effect.validUntil);
      case 'announce':
        countAnnounced(metrics, effect.addresses);
        network.announce(effect.addresses);
        return this.#trace.announced(effect.addresses.map(({ vip }) => vip));
      case 'change': {
        const removed = effect.remove.length > 0 ? network.remove(effect.remove) : [];
        const put = effect.put.length > 0 ? network.put(effect.put) : [];
        for (const { address, code } of removed) log.log('error', 'VIP not removed', { ...address, code });
        const errors = put.map(({ address, code }) => ({ vip: address.vip, code }));
        return this.#handle({ kind: 'observed', marked: network.marked(), errors });
      }
      case 'fence-manage':
        return fence.manage(effect.vips);
      case 'fence-close':
        return fence.close(effect.fenceClass);
      case 'witness':
        return this.#ports.witness?.send(effect.to, effect.message);
      case 'witness-peers':
        return this.#ports.witness?.peers(effect.peers);
      case 'ask-neighbours':
        return this.#handle({ kind: 'neighbours-asked', asked: network.askNeighbours(effect.questions) });
      case 'probe':
        network.probe(effect.addresses);
        return this.#trace.probed(effect.addresses.map(({ vip }) => vip));
      case 'set-checks':
        return this.#ports.checks?.setChecks(effect.checks);
      case 'set-held':
        return this.#ports.checks?.setHeld(effect.held);
      case 'run-check':
        return this.#ports.checks?.runNow(effect.pool, effect.name);
      case 'repair':
        return this.#repairs.run(effect);
      case 'log-level':
        return this.#ports.logLevel?.(effect.level);
      case 'drop-connections':
        network.dropConnections(effect.vips);
        return undefined;
      case 'log':
        return log.log(effect.level, effect.message, effect.fields);
    }
  }
}

/** One count for each family: a takeover may announce a thousand. */
function countAnnounced(metrics: Metrics, addresses: readonly MarkedAddress[]): void {
  const ipv6 = addresses.filter(({ vip }) => vip.includes(':')).length;
  const ipv4 = addresses.length - ipv6;
  if (ipv4 > 0) metrics.count('announcements_total', { family: 'ipv4' }, ipv4);
  if (ipv6 > 0) metrics.count('announcements_total', { family: 'ipv6' }, ipv6);
}
