/**
 * The cores of all controllers of a cluster, in memory and by a clock of the test: messages take a millisecond, links can be
 * cut, processes crash, freeze and come back with or without their memory. After every step at most one may act.
 */
import type { ControllerMemory } from '../core/controller/controller-memory.ts';
import { controllerWakeAt, stepController } from '../core/controller/controller.ts';
import {
  type ControllerConfig,
  type ControllerEffect,
  type ControllerEvent,
  type ControllerState,
  initialController,
} from '../core/controller/controller-state.ts';
import { mayAct } from '../core/controller/mandate.ts';
import type { StoreEffect } from '../core/election-types.ts';
import type { Electorate } from '../core/electorate.ts';
import { controllerId, nodeName } from '../core/ids.ts';
import type { SourceSnapshot } from '../core/manifest.ts';
import type { AgentMessage, ControllerMessage } from '../core/messages.ts';
import type { PeerMessage } from '../core/peer-messages.ts';
import type { Instance, Term } from '../core/term.ts';
import { monotonic } from '../core/time.ts';
import { TIMING_PROFILES } from '../core/timing.ts';
import { electorate, instance } from './core-builders.ts';
import { SimStore } from './sim/sim-store.ts';

const DELAY_MS = 1;

interface Run {
  readonly config: ControllerConfig;
  state: ControllerState;
  frozen: boolean;
  /** What came while it was frozen. */
  readonly inbox: ControllerEvent[];
}

export interface Change {
  readonly at: number;
  readonly id: string;
  readonly kind: 'elected' | 'deposed';
  readonly term: Term;
  readonly reason: string;
}

export class Controllers {
  readonly #electorate: Electorate;
  readonly #instances: Readonly<Record<string, Partial<Instance>>>;
  readonly #runs = new Map<string, Run>();
  readonly #starts = new Map<string, number>();
  readonly #memories = new Map<string, ControllerMemory>();
  readonly #cut = new Set<string>();
  #queue: { readonly at: number; readonly run: () => void }[] = [];
  readonly store = new SimStore();
  storeAway = false;
  now = 0;
  /** Every beginning and end of a right to act. */
  readonly changes: Change[] = [];
  readonly logs: { readonly id: string; readonly message: string }[] = [];
  /** What agents were told: by whom, on which session. */
  readonly told: {
    readonly at: number;
    readonly id: string;
    readonly session: number;
    readonly message: ControllerMessage;
  }[] = [];
  /** Messages that are lost. */
  loses: (from: string, to: string, message: PeerMessage) => boolean = () => false;

  /** A master asks all members by multicast. */
  onAsk: (id: string) => void = () => undefined;
  /** What differs from the defaults, for controllers that start from now on. */
  overrides: Partial<ControllerConfig> = {};

  /** @param instances what differs from the defaults: equal priorities, addresses that grow with the number */
  constructor(count: number, instances: Readonly<Record<string, Partial<Instance>>> = {}) {
    this.#electorate = electorate(count);
    this.#instances = instances;
  }

  get ids(): string[] {
    return this.#electorate.members.map(({ id }) => id);
  }

  /** @param keep whether the memory of the run before is still there */
  start(id: string, keep = false, configured = this.#electorate): void {
    const run = (this.#starts.get(id) ?? 0) + 1;
    this.#starts.set(id, run);
    const over = { address: `10.0.0.${id.slice(1)}`, nonce: `${id}-${run}`, ...this.#instances[id] };
    const self = instance(id, over);
    const config: ControllerConfig = {
      self,
      node: nodeName(`node-of-${id}`),
      bootId: 'boot',
      address: configured.members.find((member) => member.id === id)?.address,
      controllers: configured.members,
      timing: TIMING_PROFILES.Default,
      election: { self, ttlMs: 3_000, marginMs: 500, pollMs: 500 },
      ...this.overrides,
    };
    const state = initialController(monotonic(this.now), config, keep ? this.#memories.get(id) : undefined);
    this.#runs.set(id, { config, state, frozen: false, inbox: [] });
    this.#step(id, { kind: 'snapshot', snapshot: { pools: [], nodes: [], problems: [], complete: true } });
  }

  startAll(keep = false): this {
    for (const id of this.ids) this.start(id, keep);
    return this;
  }

  crash(id: string): void {
    this.#runs.delete(id);
  }

  freeze(id: string): void {
    this.#run(id).frozen = true;
  }

  thaw(id: string): void {
    const run = this.#run(id);
    run.frozen = false;
    for (const event of run.inbox.splice(0)) this.#step(id, event);
  }

  resign(id: string): void {
    this.#step(id, { kind: 'resign', reason: 'asked to' });
  }

  memberAnswers(id: string, node: string, address: string): void {
    this.#step(id, { kind: 'member-answered', node: nodeName(node), address });
  }

  /** It shall be none of those that there are. */
  leave(id: string, { members: wanted }: Electorate): void {
    this.#step(id, { kind: 'leave', wanted });
  }

  stop(id: string): void {
    this.#step(id, { kind: 'stop' });
  }

  /** Nothing passes between these two, or from and to one. */
  cut(a: string, b?: string): void {
    for (const other of b === undefined ? this.ids : [b]) {
      this.#cut.add(`${a} ${other}`).add(`${other} ${a}`);
    }
  }

  heal(): void {
    this.#cut.clear();
  }

  /** What the source holds, told to all that run now. */
  declare(snapshot: Partial<SourceSnapshot>): void {
    const whole = { pools: [], nodes: [], problems: [], complete: true, ...snapshot };
    for (const id of this.#runs.keys()) this.#step(id, { kind: 'snapshot', snapshot: whole });
  }

  agentSays(id: string, session: number, message: AgentMessage): void {
    this.#step(id, { kind: 'agent', session, message });
  }

  peerSays(id: string, from: string, message: PeerMessage): void {
    this.#step(id, { kind: 'peer', from: controllerId(from), message });
  }

  state(id: string): ControllerState {
    return this.#run(id).state;
  }

  config(id: string): ControllerConfig {
    return this.#run(id).config;
  }

  memory(id: string): ControllerMemory | undefined {
    return this.#memories.get(id);
  }

  /** Who may act now. */
  masters(): string[] {
    return [...this.#runs].flatMap(([id, { state }]) => (mayAct(state, monotonic(this.now)) ? [id] : []));
  }

  /** Lets time pass, and everything happen that falls due. */
  run(ms: number): this {
    const end = this.now + ms;
    for (;;) {
      const wakes = [...this.#runs].flatMap(([id, { state, config, frozen }]) =>
        frozen ? [] : [{ at: controllerWakeAt(state, config), run: () => this.#step(id, { kind: 'tick' }) }],
      );
      const [next] = [...this.#queue, ...wakes].sort((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.now = Math.max(this.now, next.at);
      this.#queue = this.#queue.filter((item) => item !== next);
      if (this.store.expire(this.now)) this.#storeChanged();
      next.run();
    }
    this.now = end;
    return this;
  }

  #run(id: string): Run {
    const run = this.#runs.get(id);
    if (!run) throw new Error(`${id} does not run`);
    return run;
  }

  #after(ms: number, run: () => void): void {
    this.#queue.push({ at: this.now + ms, run });
  }

  #step(id: string, event: ControllerEvent): void {
    const run = this.#runs.get(id);
    if (!run) return;
    if (run.frozen) {
      run.inbox.push(event);
      return;
    }
    const [state, effects] = stepController(run.state, event, monotonic(this.now), run.config);
    run.state = state;
    for (const effect of effects) this.#carryOut(id, effect);
    const acting = this.masters();
    if (acting.length > 1) throw new Error(`at ${this.now} ${acting.join(' and ')} may act`);
  }

  #carryOut(id: string, effect: ControllerEffect): void {
    const memory = this.#memories.get(id);
    switch (effect.kind) {
      case 'peer':
        if (this.#cut.has(`${id} ${effect.to}`) || this.loses(id, effect.to, effect.message)) return;
        this.#after(DELAY_MS, () => this.peerSays(effect.to, id, effect.message));
        return;
      case 'save':
        this.#memories.set(id, effect.memory);
        return;
      case 'save-promise':
        if (memory?.promise) this.#memories.set(id, { ...memory, promise: { ...memory.promise, until: effect.until } });
        return;
      case 'elected':
      case 'deposed':
        this.changes.push({ reason: '', ...effect, at: this.now, id });
        return;
      case 'election':
        this.#askStore(id, this.#starts.get(id) ?? 0, effect.effect);
        return;
      case 'send':
        this.told.push({ at: this.now, id, session: effect.session, message: effect.message });
        return;
      case 'log':
        this.logs.push({ id, message: effect.message });
        return;
      case 'ask-members':
        this.onAsk(id);
        return;
      case 'connect':
      case 'protect':
      case 'finalize':
      case 'difference':
      case 'tasks':
      case 'publish':
        return;
    }
  }

  #askStore(id: string, start: number, effect: StoreEffect): void {
    const sentAt = monotonic(this.now);
    this.#after(DELAY_MS, () => {
      const answer = this.#answer(effect, sentAt);
      if (answer && this.#starts.get(id) === start) this.#step(id, answer);
      if (effect.kind === 'readElectorate') return;
      if (effect.kind !== 'grant' && effect.kind !== 'renew' && effect.kind !== 'read') this.#storeChanged();
    });
  }

  #answer(effect: StoreEffect, sentAt: ReturnType<typeof monotonic>): ControllerEvent | undefined {
    if (effect.kind === 'readElectorate' || effect.kind === 'changeElectorate') {
      const { kind: operation } = effect;
      const failed = { kind: 'failed', operation } as const;
      const event = this.storeAway ? failed : ({ kind: 'electorate', recorded: this.store.record(effect) } as const);
      return { kind: 'record', event };
    }
    if (effect.kind === 'revoke' && this.storeAway) return undefined;
    const { kind: operation } = effect;
    const failed = operation === 'revoke' ? undefined : ({ kind: 'failed', operation } as const);
    const event = this.storeAway ? failed : this.store.answer(effect, this.now, sentAt);
    return event && { kind: 'election', event };
  }

  #storeChanged(): void {
    if (this.storeAway) return;
    for (const id of this.#runs.keys()) {
      this.#after(DELAY_MS, () => this.#step(id, { kind: 'election', event: { kind: 'store-changed' } }));
    }
  }
}
