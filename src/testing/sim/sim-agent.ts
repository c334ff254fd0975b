import { agentWakeAt, stepAgent } from '../../core/agent/agent.ts';
import type { AgentMemory } from '../../core/agent/agent-memory.ts';
import {
  type AgentConfig,
  type AgentEffect,
  type AgentEvent,
  type AgentState,
  hasLease,
  initialAgent,
} from '../../core/agent/agent-state.ts';
import type { ElectorateMember } from '../../core/electorate.ts';
import { type ControllerId, epoch, incarnation, type NodeName, nodeName, type VipAddress } from '../../core/ids.ts';
import { parseCidr } from '../../core/ip.ts';
import type { Capability, ControllerMessage } from '../../core/messages.ts';
import { addMs, type Monotonic, NEVER } from '../../core/time.ts';
import type { CheckTally } from './check-tally.ts';
import { type Ailment, Services, SimChecks } from './sim-checks.ts';
import { askNeighbours } from './neighbours.ts';
import { INTERFACE, type SimKernel } from './sim-kernel.ts';
import { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

const ALLOWED = [parseCidr('192.0.2.0/24'), parseCidr('198.51.100.0/24')].flatMap((subnet) => subnet ?? []);

const ABLE: Capability = { active: true, message: 'simulated' };

/** From the last word of an agent that stops to the end of its process. */
const EXIT_MS = 5;

/** What the kernel said of the fence comes to core after the effects of the step that asked. */
type SimEffect = AgentEffect | { readonly kind: 'hear' };
const HEAR: SimEffect = { kind: 'hear' };

/** The agent process of one host: the real core, with the shell's effects carried out in virtual time. */
export class SimAgent extends SimProcess<SimEffect> {
  readonly kernel: SimKernel;
  readonly node: NodeName;
  /** What it is told of the controllers at its next start, where that is not the truth. */
  configured: readonly ElectorateMember[] | undefined;
  /** The node that it says it is from its next start on, where that is not the truth. */
  assumedName: string | undefined;
  readonly #world: World;
  #boot = 1;
  /** A file under /run. */
  #memory: AgentMemory | undefined;
  /** What its checks look at. */
  readonly services = new Services();
  #runner: SimChecks | undefined;
  #state: AgentState | undefined;
  #config: AgentConfig | undefined;
  /** What the second part of a fence call found: when, and how long a timeout fits. */
  #checkedAt: Monotonic = NEVER;
  #timeout = 0;
  #heard: AgentEvent[] = [];

  constructor(world: World, kernel: SimKernel) {
    super(kernel.node, kernel.index, kernel.clock, world.timeline, world.random.fork(100 + kernel.index));
    this.#world = world;
    this.kernel = kernel;
    this.node = kernel.node;
  }

  get state(): AgentState | undefined {
    return this.#state;
  }

  get isLeased(): boolean {
    return this.#state !== undefined && hasLease(this.#state, this.clock.now());
  }

  start(forget = false): void {
    const { kernel } = this;
    if (!kernel.powered || this.alive) return;
    const node = this.assumedName === undefined ? this.node : nodeName(this.assumedName);
    if (forget) this.#memory = undefined;
    this.begin();
    this.#config = {
      node,
      machineId: node,
      bootId: `boot-${this.#boot}`,
      labels: {},
      agentVersion: 'sim',
      controllers: this.configured ?? this.#world.wanted,
      witnessAddress: `${node}:7002`,
      answersMulticast: false,
      interfaces: [INTERFACE],
      allowedAddresses: ALLOWED,
      timing: this.#world.setup.timing,
      addressLifetimeMs: 30_000,
    };
    this.#heard = [];
    this.#state = initialAgent({ incarnation: incarnation(''), epoch: epoch(0) });
    this.#runner = this.#newRunner();
    this.#world.trace?.(this.name, 'the agent starts');
    this.#step({
      kind: 'start',
      memory: this.#memory,
      marked: kernel.marked(),
      interfaces: kernel.interfaces(),
      fence: ABLE,
      realtime: ABLE,
      fenceOpen: kernel.fence.isOpen(0),
      incarnation: incarnation(this.random.hex(4)),
    });
  }

  /** SIGKILL, or the end of the process: the kernel keeps addresses and fence. */
  kill(): void {
    if (!this.alive) return;
    this.#world.trace?.(this.name, 'the agent is dead');
    this.end();
    this.#runner?.stop();
    this.#state = undefined;
    this.#world.sessions.processEnded(this, this.kernel.powered);
  }

  powerOff(): void {
    if (!this.kernel.powered) return;
    this.kernel.powerOff();
    this.kill();
    this.#memory = undefined;
  }

  powerOn(): void {
    this.kernel.powered = true;
    this.#boot++;
    this.clock.restart(this.random.between(1_000, 100_000));
    this.start();
  }

  deliver(event: AgentEvent): void {
    if (this.isRunning) this.#step(event);
    else this.whenRunning(() => this.#step(event));
  }

  message(controller: ControllerId, message: ControllerMessage): void {
    switch (message.kind) {
      case 'ack':
      case 'nack':
        return this.deliver({ ...message, controller });
      case 'assignment':
        return this.deliver({ kind: 'assignment', assignment: message });
      case 'bar':
        return this.deliver({ kind: 'bar', controller, request: message });
      case 'config':
        return this.deliver({ kind: 'config', config: message });
      case 'electorate':
        return this.deliver(message);
    }
  }

  /** The service of a pool falls ill; the result makes it well. */
  fallIll(pool: string, ailment: Ailment): () => void {
    const heal = this.services.strike(pool, ailment);
    if (ailment === 'ended') this.whenRunning(() => this.#runner?.ended(pool));
    return heal;
  }

  /** The checks of a pool that are run here now; none while the agent is dead. */
  tallies(pool: string): CheckTally[] {
    return this.alive ? (this.#runner?.tallies(pool) ?? []) : [];
  }

  #newRunner(): SimChecks {
    const { life, timeline, clock, random, services } = this;
    const whenRunning = (run: () => void): void => {
      if (life === this.life) this.whenRunning(run);
    };
    return new SimChecks({ timeline, clock, random, services, whenRunning, step: (event) => this.#step(event) });
  }

  /** Somebody on the host deletes an address. */
  loseAddress(vip: VipAddress): void {
    const address = this.kernel.marked().find((item) => item.vip === vip);
    if (address && this.kernel.take(vip)) this.deliver({ kind: 'address-removed', address });
  }

  carrierChanged(): void {
    this.deliver({ kind: 'interfaces', interfaces: this.kernel.interfaces() });
  }

  protected override wakeAt(): number {
    return this.#state && this.#config ? agentWakeAt(this.#state, this.#config) : Number.POSITIVE_INFINITY;
  }

  protected override tick(): void {
    this.#step({ kind: 'tick' });
  }

  #step(event: AgentEvent): void {
    const { alive } = this;
    if (!alive || !this.#state || !this.#config) return;
    const before = this.#state;
    const [state, effects] = stepAgent(before, event, this.clock.now(), this.#config);
    this.#state = state;
    if (event.kind === 'assignment' && state.assignment !== before.assignment)
      this.#world.checks.assignmentTaken(this, before, state);
    for (const { vip } of state.refused)
      if (!before.refused.some((item) => item.vip === vip)) this.#world.checks.refused(this.kernel, vip);
    if (before.phase === 'running' && state.phase === 'leaving') this.#world.checks.leaves(this.kernel, state);
    if (state.phase === 'stopped' && before.phase !== 'stopped') this.#endSoon();
    this.perform(effects.some(({ kind }) => kind === 'fence') ? [...effects, HEAR] : effects);
    if (this.alive) this.planWake();
  }

  #endSoon(): void {
    const { life, timeline } = this;
    timeline.plan(timeline.now + EXIT_MS, () => {
      if (life === this.life) this.kill();
    });
  }

  protected override carryOut(effect: SimEffect, part: number): boolean {
    const { kernel } = this;
    const world = this.#world;
    switch (effect.kind) {
      case 'send':
        world.sessions.toController(this, world.controller(effect.controller), effect.message);
        return false;
      case 'connect':
        world.sessions.connect(
          this,
          effect.controllers.map(({ id }) => world.controller(id)),
        );
        return false;
      case 'save':
        this.#memory = effect.memory;
        return false;
      case 'save-lease':
        if (this.#memory) this.#memory = { ...this.#memory, leaseValidUntil: effect.validUntil };
        return false;
      case 'change':
        // It may be held up between the change and what it finds.
        if (part === 0) {
          for (const { vip } of effect.remove) kernel.take(vip);
          kernel.put(effect.put);
          return true;
        }
        this.#step({ kind: 'observed', marked: kernel.marked(), errors: [] });
        return false;
      case 'announce':
        world.announced(this, effect.addresses);
        return false;
      case 'fence':
        return this.#extend(effect, part);
      case 'hear': {
        const heard = this.#heard;
        this.#heard = [];
        for (const event of heard) this.#step(event);
        return false;
      }
      case 'fence-manage':
        kernel.fence.manage(effect.vips);
        return false;
      case 'fence-close':
        kernel.fence.close(effect.fenceClass);
        return false;
      case 'witness':
        world.witness(this, effect.to, effect.message);
        return false;
      case 'ask-neighbours':
        this.#step({ kind: 'neighbours-asked', asked: askNeighbours(world, this, effect.questions) });
        return false;
      case 'probe':
        world.probe(this, effect.addresses);
        return false;
      case 'set-checks':
        this.#runner?.setChecks(effect.checks);
        return false;
      case 'set-held':
        this.#runner?.setHeld(effect.held);
        return false;
      case 'run-check':
        this.#runner?.runNow(effect.pool, effect.name);
        return false;
      case 'repair':
        this.#runner?.repair(effect);
        return false;
      case 'witness-peers':
      case 'log-level':
      case 'drop-connections':
        return false;
      case 'log':
        world.trace?.(this.name, effect.message, effect.fields);
        return false;
    }
  }

  /** Guard, look at the clock, datagram: true while a part is left. */
  #extend({ mode, fenceClass, until }: AgentEffect & { kind: 'fence' }, part: number): boolean {
    const { fence } = this.kernel;
    if (part === 0) {
      fence.guard();
    } else if (part === 1) {
      this.#checkedAt = this.clock.now();
      this.#timeout = fence.timeoutFor(until);
    } else {
      this.#world.checks.fenceExtends(this.kernel, fenceClass);
      fence.datagram(mode, fenceClass, this.#timeout, this.random.fraction());
      // A refresh does not revive what the kernel has closed.
      const open = mode === 'acquire' || fence.isOpen(fenceClass);
      const ends = this.#timeout > 0 ? addMs(this.#checkedAt, this.#timeout) : NEVER;
      this.#heard.push(open ? { kind: 'fenced', fenceClass, until: ends } : { kind: 'fence-lost', fenceClass });
    }
    return part < 2;
  }
}
