import type { ControllerMemory } from '../../core/controller/controller-memory.ts';
import { controllerWakeAt, stepController } from '../../core/controller/controller.ts';
import {
  type ControllerConfig,
  type ControllerEffect,
  type ControllerEvent,
  type ControllerState,
  initialController,
} from '../../core/controller/controller-state.ts';
import { actingTerm, mayAct, others, quorum } from '../../core/controller/mandate.ts';
import { takesPart } from '../../core/controller/standing.ts';
import type { LockEffect, RecordEffect, StoreEffect } from '../../core/election-types.ts';
import type { ElectorateMember } from '../../core/electorate.ts';
import { type ControllerId, controllerId, nodeName } from '../../core/ids.ts';
import { judge, noVerdicts } from '../../core/lease-verdicts.ts';
import { formatTerm, type Term } from '../../core/term.ts';
import type { Monotonic } from '../../core/time.ts';
import { abstentionMs } from '../../core/timing.ts';
import type { LocalClock } from './local-clock.ts';
import { SimProcess } from './sim-process.ts';
import { SimTaskWriter } from './sim-task-writer.ts';
import type { World } from './world.ts';

type StoreAnswer = ControllerEvent & { readonly kind: 'election' | 'record' };

/** A call of the store is given up after so long. */
const STORE_DEADLINE_MS = 1_000;

/** One controller process: the real core, with the shell's effects carried out in virtual time. */
export class SimController extends SimProcess<ControllerEffect> {
  readonly id: ControllerId;
  readonly index: number;
  /** What it is told of the controllers at its next start, where that is not the truth. */
  configured: readonly ElectorateMember[] | undefined;
  readonly #world: World;
  readonly #remembers: boolean;
  readonly #taskWriter: SimTaskWriter;
  /** The newest term for which tasks are read anew. */
  tasksAsOf: string | undefined;
  #boot = 1;
  #isForgetful = false;
  #memory: ControllerMemory | undefined;
  #state: ControllerState | undefined;
  #config: ControllerConfig | undefined;

  constructor(world: World, index: number, machine: number, clock: LocalClock, remembers: boolean) {
    super(`c${index + 1}`, machine, clock, world.timeline, world.random.fork(200 + index));
    this.id = controllerId(this.name);
    this.index = index;
    this.#world = world;
    this.#remembers = remembers;
    this.#taskWriter = new SimTaskWriter({
      timeline: world.timeline,
      random: this.random,
      tasks: () => world.source.tasks,
      mayWrite: () => this.leads && world.seesSource(this),
      life: () => this.life,
    });
  }

  get state(): ControllerState | undefined {
    return this.#state;
  }

  /** Whether it may act at this instant of its own clock. */
  get leads(): boolean {
    return this.#state !== undefined && mayAct(this.#state, this.clock.now());
  }

  get term(): Term | undefined {
    return this.#state && actingTerm(this.#state, this.clock.now());
  }

  /** It began this run without the memory of an earlier one. */
  get hasForgotten(): boolean {
    return this.alive && this.life > 1 && this.#isForgetful;
  }

  /** It runs, and does not know yet which controllers there are. */
  get isAtLoss(): boolean {
    return this.#state?.standing === 'unknown';
  }

  /** Whether it knows of itself that it is a member, or is to be one. */
  get takesPart(): boolean {
    return this.#state !== undefined && takesPart(this.#state.standing);
  }

  start(): void {
    if (this.alive || !this.#world.links.isPowered(this.machine)) return;
    this.begin();
    const self = { id: this.id, priority: 0, address: `10.0.0.${this.index + 1}`, nonce: this.random.hex(4) };
    const { setup } = this.#world;
    const controllers = this.configured ?? this.#world.wanted;
    this.#config = {
      self,
      node: this.#world.agents.find(({ kernel }) => kernel.index === this.machine)?.node ?? nodeName(this.name),
      bootId: `boot-${this.#boot}`,
      address: controllers.find(({ id }) => id === this.id)?.address,
      controllers,
      timing: setup.timing,
      election: { self, ttlMs: 3_000, marginMs: 500, pollMs: 500 },
    };
    this.#isForgetful = this.#memory === undefined;
    this.#state = initialController(this.clock.now(), this.#config, this.#memory);
    this.#world.trace?.(this.name, 'the controller starts', { memory: this.#memory !== undefined });
    this.#world.tellSnapshot(this);
    this.planWake();
  }

  kill(forget = false): void {
    if (forget || !this.#remembers) this.#memory = undefined;
    if (!this.alive) return;
    this.#world.trace?.(this.name, 'the controller is dead');
    this.end();
    this.#state = undefined;
    this.#world.sessions.processEnded(this, this.#world.links.isPowered(this.machine));
  }

  powerOff(): void {
    this.kill();
    this.#memory = undefined;
  }

  powerOn(): void {
    this.#boot++;
    this.clock.restart(this.random.between(1_000, 100_000));
    this.start();
  }

  deliver(event: ControllerEvent): void {
    if (this.isRunning) this.#step(event);
    else this.whenRunning(() => this.#step(event));
  }

  protected override wakeAt(): number {
    return this.#state && this.#config ? controllerWakeAt(this.#state, this.#config) : Number.POSITIVE_INFINITY;
  }

  protected override tick(): void {
    this.#step({ kind: 'tick' });
  }

  #step(event: ControllerEvent): void {
    if (!this.#state || !this.#config) return;
    const wasAtLoss = this.isAtLoss;
    const [state, effects] = stepController(this.#state, event, this.clock.now(), this.#config);
    this.#state = state;
    if (wasAtLoss && !this.isAtLoss) this.#world.calm.came(this.index);
    this.#world.checks.controllerStepped(this, effects);
    this.#tellOfDecision(state, effects);
    this.perform(effects);
    this.#tellOfWork(effects);
    if (this.alive) this.planWake();
  }

  /** How long the decision took. */
  #tellOfWork(effects: readonly ControllerEffect[]): void {
    const { decisionMs = 0 } = this.#world.setup;
    if (decisionMs === 0 || !effects.some(({ kind }) => kind === 'publish')) return;
    this.deliver({ kind: 'decided', tookMs: this.random.fraction() * decisionMs });
  }

  /** What was given away, and what was known of the nodes when that was decided. */
  #tellOfDecision(state: ControllerState, effects: readonly ControllerEffect[]): void {
    const { master, nodes, verdicts } = state;
    const given = effects.some((effect) => effect.kind === 'send' && effect.message.kind === 'assignment');
    if (!given || !master || !this.#config) return;
    const now = this.clock.now();
    const judged = judge(
      nodes,
      verdicts ?? noVerdicts([], now),
      others(state, this.#config),
      quorum(state),
      master.term,
      abstentionMs(this.#config.timing),
      now,
    );
    const heard = [...(verdicts?.peers ?? [])].filter(([, { freshUntil }]) => now < freshUntil);
    const told = heard.map(([id]) => this.#world.controller(id));
    const isInformed = [this, ...told].some(({ hasForgotten }) => !hasForgotten);
    this.#world.takeovers.decided(master, judged.nodes, isInformed);
  }

  protected override carryOut(effect: ControllerEffect): boolean {
    const world = this.#world;
    switch (effect.kind) {
      case 'send':
        world.sessions.toAgent(effect.session, effect.message);
        return false;
      case 'ask-members':
      case 'connect':
        return false;
      case 'peer':
        world.peer(this, effect.to, effect.message);
        return false;
      case 'save':
        this.#memory = effect.memory;
        return false;
      case 'save-promise': {
        const promise = this.#memory?.promise;
        if (this.#memory && promise) this.#memory = { ...this.#memory, promise: { ...promise, until: effect.until } };
        return false;
      }
      case 'election':
        this.#operate(effect.effect);
        return false;
      case 'elected':
        world.calm.elected();
        this.tasksAsOf = formatTerm(effect.term);
        world.tellSnapshot(this);
        world.trace?.(this.name, `is master of term ${formatTerm(effect.term)}`);
        return false;
      case 'deposed':
        world.trace?.(this.name, `is no longer master of term ${formatTerm(effect.term)}`, { reason: effect.reason });
        return false;
      case 'difference':
        world.trace?.(this.name, 'record and reality differ', { ...effect.difference });
        return false;
      case 'publish':
        if (this.leads && world.seesSource(this)) world.source.publish(effect.report);
        return false;
      case 'protect':
        return false;
      case 'tasks':
        this.#taskWriter.order(effect.orders);
        return false;
      case 'finalize':
        if (this.leads && world.seesSource(this)) world.source.finalize(effect.pool);
        return false;
      case 'log':
        world.trace?.(this.name, effect.message, effect.fields);
        return false;
    }
  }

  /** Request and answer each take their time and may be lost; a call without an answer fails at its deadline. */
  #operate(effect: StoreEffect): void {
    const { timeline, random } = this;
    const world = this.#world;
    const sentAt = this.clock.now();
    const { life } = this;
    let open = true;
    const answer = (event: StoreAnswer, at: number): void => {
      timeline.plan(at, () => {
        if (!open || life !== this.life) return;
        open = false;
        this.deliver(event);
      });
    };
    if (effect.kind !== 'revoke') answer(failureOf(effect), timeline.now + STORE_DEADLINE_MS);
    if (!world.seesStore(this)) return;
    timeline.plan(timeline.now + 0.5 + random.fraction() * 3, () => {
      if (world.store.down > 0) return;
      const result = this.#resultOf(effect, sentAt);
      world.storeChanged();
      if (result && world.seesStore(this)) answer(result, timeline.now + 0.5 + random.fraction() * 3);
    });
  }

  #resultOf(effect: StoreEffect, sentAt: Monotonic): StoreAnswer | undefined {
    const { store } = this.#world;
    if (isRecord(effect)) return { kind: 'record', event: { kind: 'electorate', recorded: store.record(effect) } };
    const event = store.answer(effect, this.timeline.now, sentAt);
    return event && { kind: 'election', event };
  }
}

const isRecord = (effect: StoreEffect): effect is RecordEffect =>
  effect.kind === 'readElectorate' || effect.kind === 'changeElectorate';

const failureOf = (effect: Exclude<StoreEffect, LockEffect & { kind: 'revoke' }>): StoreAnswer =>
  isRecord(effect)
    ? { kind: 'record', event: { kind: 'failed', operation: effect.kind } }
    : { kind: 'election', event: { kind: 'failed', operation: effect.kind } };
