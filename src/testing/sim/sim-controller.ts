import { controllerWakeAt, stepController } from '../../core/controller/controller.ts';
import {
  type ControllerConfig,
  type ControllerEffect,
  type ControllerEvent,
  type ControllerState,
  initialController,
} from '../../core/controller/controller-state.ts';
import type { ElectionEffect, ElectionEvent } from '../../core/election-types.ts';
import { mayAct } from '../../core/election.ts';
import { type ControllerId, controllerId } from '../../core/ids.ts';
import { type Monotonic, monotonic } from '../../core/time.ts';
import type { World } from './world.ts';

/** One controller process: the real core, with the shell's effects carried out in virtual time. */
export class SimController {
  readonly id: ControllerId;
  readonly #world: World;
  #state: ControllerState | undefined;
  #config: ControllerConfig | undefined;
  #life = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(world: World, id: string) {
    this.#world = world;
    this.id = controllerId(id);
  }

  get up(): boolean {
    return this.#state !== undefined;
  }

  get leads(): boolean {
    return this.#state !== undefined && mayAct(this.#state.election, monotonic(this.#world.timeline.now));
  }

  start(): void {
    const { random, timing, timeline } = this.#world;
    const self = { id: this.id, priority: 0, address: `10.0.0.${this.id.slice(1)}`, nonce: random.hex(4) };
    this.#config = { timing, election: { self, ttlMs: 3_000, marginMs: 500, pollMs: 500 } };
    this.#life++;
    this.#state = initialController(monotonic(timeline.now), this.#config);
    this.event({ kind: 'snapshot', snapshot: this.#world.snapshot() });
  }

  kill(): void {
    this.#state = undefined;
    this.#cancelTimer?.();
  }

  event(event: ControllerEvent): void {
    if (!this.#state || !this.#config) return;
    const [state, effects] = stepController(this.#state, event, monotonic(this.#world.timeline.now), this.#config);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    this.#cancelTimer?.();
    const wakeAt = controllerWakeAt(state, this.#config);
    if (Number.isFinite(wakeAt))
      this.#cancelTimer = this.#world.timeline.plan(wakeAt, () => this.event({ kind: 'tick' }));
  }

  #run(effect: ControllerEffect): void {
    switch (effect.kind) {
      case 'send':
        return this.#world.toAgent(effect.session, effect.message);
      case 'election':
        return this.#operate(effect.effect);
      case 'publish':
        return this.#world.published(effect.report);
      case 'protect':
        return undefined;
      case 'finalize':
        return this.#world.finalized(effect.pool);
      case 'log':
        return this.#world.trace(`${this.id} ${effect.message} ${JSON.stringify(effect.fields)}`);
    }
  }

  /** Request and answer each take their time; the answer is lost when the process or the store is gone by then. */
  #operate(effect: ElectionEffect): void {
    if (effect.kind === 'elected' || effect.kind === 'deposed') {
      return this.#world.trace(`${this.id} ${effect.kind} ${effect.term.number}`);
    }
    const { timeline, store, random } = this.#world;
    const sentAt = monotonic(timeline.now);
    const life = this.#life;
    const answer = (event: ElectionEvent): void => {
      timeline.plan(timeline.now + random.between(1, 4), () => {
        if (life === this.#life) this.event({ kind: 'election', event });
      });
    };
    timeline.plan(timeline.now + random.between(1, 4), () => {
      if (store.away) {
        if (effect.kind !== 'revoke')
          timeline.plan(sentAt + 1_000, () => answer({ kind: 'failed', operation: effect.kind }));
        return;
      }
      const result = this.#atStore(effect, sentAt);
      if (result) answer(result);
    });
  }

  #atStore(effect: ElectionEffect, sentAt: Monotonic): ElectionEvent | undefined {
    const { store, timeline } = this.#world;
    switch (effect.kind) {
      case 'grant':
        return { kind: 'granted', lease: store.grant(effect.ttlMs, timeline.now), sentAt };
      case 'renew':
        return { kind: 'renewed', lease: effect.lease, alive: store.renew(effect.lease, timeline.now), sentAt };
      case 'enqueue':
        return { kind: 'enqueued', accepted: store.enqueue(effect.lease, effect.id) };
      case 'read':
        return { kind: 'viewed', queue: store.queue(), master: store.master };
      case 'claim':
        return { kind: 'claimed', won: store.claim(effect.entry, effect.term, effect.previous), term: effect.term };
      case 'revoke':
        store.revoke(effect.lease);
        return undefined;
      case 'elected':
      case 'deposed':
        return undefined;
    }
  }
}
