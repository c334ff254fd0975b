/**
 * Streams between agents and controllers: in order, never losing what lies between two bytes that arrived, and slow to
 * learn that the other end is gone. Each end closes by itself.
 */
import type { AgentMessage, ControllerMessage } from '../../core/messages.ts';
import type { Links } from './links.ts';
import type { SeededRandom } from './random.ts';
import type { SimAgent } from './sim-agent.ts';
import type { SimController } from './sim-controller.ts';
import type { Timeline } from './timeline.ts';

/** An end gives a silent stream up after so long, at least and at most. */
const KEEPALIVE_MS = [1_000, 3_000] as const;
/** Back-off of an agent that finds no controller. */
const RECONNECT_MS = [40, 500] as const;
/** Silent streams are looked for this often while a link is blocked. */
const SWEEP_MS = 250;
/** A doubled message comes up to this much later. */
const DOUBLE_WITHIN_MS = 1_500;
/** An old assignment turns up again up to this much later. */
const STALE_WITHIN_MS = 6_000;

/** One direction of a stream. */
class Pipe {
  /** Nothing sent later arrives earlier. */
  arrivesAt = 0;
  readonly held: (() => void)[] = [];
}

export interface Session {
  readonly id: number;
  readonly agent: SimAgent;
  readonly controller: SimController;
  agentOpen: boolean;
  controllerOpen: boolean;
  readonly up: Pipe;
  readonly down: Pipe;
  readonly keepaliveMs: number;
}

export interface SessionsWorld {
  readonly timeline: Timeline;
  readonly links: Links;
  readonly random: SeededRandom;
  /** Share of messages that come twice. */
  readonly doubled: number;
  readonly controllers: readonly SimController[];
  /** Delivers the same message a second time and checks that it changes nothing, where it comes at once. */
  again(run: () => void, atOnce: boolean): void;
}

export class Sessions {
  readonly #world: SessionsWorld;
  readonly #open = new Map<number, Session>();
  readonly #wanted = new Map<SimAgent, { readonly life: number; readonly controllers: ReadonlySet<SimController> }>();
  readonly #ofAgent = new Map<SimAgent, Map<SimController, Session>>();
  #count = 0;
  #sweeping = false;

  constructor(world: SessionsWorld) {
    this.#world = world;
  }

  /** The agent tries each of these until it has a stream to it, and ends those to others. */
  connect(agent: SimAgent, controllers: readonly SimController[]): void {
    const before = this.#wanted.get(agent);
    const known = before?.life === agent.life ? before.controllers : new Set<SimController>();
    this.#wanted.set(agent, { life: agent.life, controllers: new Set(controllers) });
    for (const controller of controllers)
      if (!known.has(controller)) this.#tryLater(agent, controller, agent.life, 5, 60);
    for (const controller of known) {
      const session = controllers.includes(controller) ? undefined : this.#ofAgent.get(agent)?.get(controller);
      if (session) this.#closeAgentEnd(session);
    }
  }

  #isWanted(agent: SimAgent, controller: SimController): boolean {
    return this.#wanted.get(agent)?.controllers.has(controller) === true;
  }

  toController(agent: SimAgent, controller: SimController, message: AgentMessage): void {
    const session = this.#ofAgent.get(agent)?.get(controller);
    if (session?.agentOpen !== true) return;
    this.#send(session, session.up, agent.machine, controller.machine, () => {
      if (!session.controllerOpen) return this.#reset(session, agent.machine, controller.machine);
      controller.deliver({ kind: 'agent', session: session.id, message });
    });
  }

  toAgent(id: number, message: ControllerMessage): void {
    const session = this.#open.get(id);
    if (session?.controllerOpen !== true) return;
    const { agent, controller } = session;
    this.#send(session, session.down, controller.machine, agent.machine, () => {
      if (!session.agentOpen) return this.#reset(session, agent.machine, controller.machine);
      agent.message(controller.id, message);
    });
    const { random, timeline, doubled } = this.#world;
    // Once more than any stream would do it: long after, to whatever runs there then.
    if (message.kind === 'assignment' && random.chance(doubled * 10)) {
      const later = timeline.now + random.fraction() * STALE_WITHIN_MS;
      timeline.plan(later, () => agent.message(controller.id, message));
    }
  }

  /** The process ended; `told`: its kernel lives and tells the other end, where it can. */
  processEnded(process: SimAgent | SimController, told: boolean): void {
    for (const session of this.#open.values()) {
      if (session.agent !== process && session.controller !== process) continue;
      if (session.agent === process) session.agentOpen = false;
      else session.controllerOpen = false;
      if (told) this.#reset(session, session.agent.machine, session.controller.machine);
      this.#forget(session);
    }
  }

  /** Links changed: what was held back goes on, what stays blocked is given up in time. */
  linksChanged(): void {
    for (const session of this.#open.values()) {
      this.#flush(session, session.up, session.agent.machine, session.controller.machine);
      this.#flush(session, session.down, session.controller.machine, session.agent.machine);
    }
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#world.timeline.plan(this.#world.timeline.now + SWEEP_MS, () => this.#sweep());
  }

  #send(session: Session, pipe: Pipe, from: number, to: number, arrive: () => void): void {
    const { links } = this.#world;
    if (pipe.held.length > 0 || !links.passes('management', from, to)) pipe.held.push(arrive);
    else this.#launch(session, pipe, from, to, arrive, 0);
  }

  #launch(session: Session, pipe: Pipe, from: number, to: number, arrive: () => void, extraMs: number): void {
    const { timeline, links, random, doubled } = this.#world;
    const delay = (links.transit('management', from, to, true) ?? 0) + extraMs;
    pipe.arrivesAt = Math.max(pipe.arrivesAt + 0.001, timeline.now + delay);
    timeline.plan(pipe.arrivesAt, arrive);
    if (!random.chance(doubled)) return;
    const atOnce = random.chance(0.3);
    const later = atOnce ? 0 : random.fraction() * DOUBLE_WITHIN_MS;
    timeline.plan(pipe.arrivesAt + later, () => {
      if (session.agentOpen && session.controllerOpen) this.#world.again(arrive, atOnce);
    });
  }

  /** What waited for the link comes with the next repetition, in its order. */
  #flush(session: Session, pipe: Pipe, from: number, to: number): void {
    if (pipe.held.length === 0 || !this.#world.links.passes('management', from, to)) return;
    const backlog = pipe.held.splice(0);
    const extra = this.#world.random.fraction() * 200;
    for (const arrive of backlog) this.#launch(session, pipe, from, to, arrive, extra);
  }

  /** One end is closed: the other one learns of it, unless the way there is blocked. */
  #reset(session: Session, agentMachine: number, controllerMachine: number): void {
    const { timeline, links } = this.#world;
    const [from, to] = session.agentOpen ? [controllerMachine, agentMachine] : [agentMachine, controllerMachine];
    if (!links.passes('management', from, to)) return;
    timeline.plan(timeline.now + (links.transit('management', from, to, true) ?? 0), () => {
      this.#closeAgentEnd(session);
      this.#closeControllerEnd(session);
    });
  }

  #closeAgentEnd(session: Session): void {
    if (!session.agentOpen) return;
    session.agentOpen = false;
    const { agent, controller } = session;
    this.#forget(session);
    agent.deliver({ kind: 'disconnected', controller: controller.id });
    this.#tryLater(agent, controller, agent.life, ...RECONNECT_MS);
  }

  #closeControllerEnd(session: Session): void {
    if (!session.controllerOpen) return;
    session.controllerOpen = false;
    this.#forget(session);
    session.controller.deliver({ kind: 'session-closed', session: session.id });
  }

  #forget(session: Session): void {
    if (!session.agentOpen) {
      const of = this.#ofAgent.get(session.agent);
      if (of?.get(session.controller) === session) of.delete(session.controller);
    }
    if (!session.agentOpen && !session.controllerOpen) this.#open.delete(session.id);
  }

  #tryLater(agent: SimAgent, controller: SimController, life: number, min: number, max: number): void {
    const { timeline, random } = this.#world;
    timeline.plan(timeline.now + min + random.fraction() * (max - min), () => {
      if (!agent.alive || agent.life !== life || !this.#isWanted(agent, controller)) return;
      if (this.#ofAgent.get(agent)?.get(controller)?.agentOpen !== true) this.#try(agent, controller, life);
    });
  }

  #try(agent: SimAgent, controller: SimController, life: number): void {
    const { links } = this.#world;
    const [a, c] = [agent.machine, controller.machine];
    const reached = links.passes('management', a, c) && links.passes('management', c, a);
    if (!reached || !controller.alive || controller.frozen || agent.frozen) {
      return this.#tryLater(agent, controller, life, ...RECONNECT_MS);
    }
    const [min, max] = KEEPALIVE_MS;
    const session: Session = {
      id: ++this.#count,
      agent,
      controller,
      agentOpen: true,
      controllerOpen: true,
      up: new Pipe(),
      down: new Pipe(),
      keepaliveMs: min + this.#world.random.fraction() * (max - min),
    };
    this.#open.set(session.id, session);
    let of = this.#ofAgent.get(agent);
    if (!of) this.#ofAgent.set(agent, (of = new Map()));
    of.set(controller, session);
    agent.deliver({ kind: 'connected', controller: controller.id });
  }

  #sweep(): void {
    const { links, timeline } = this.#world;
    let blocked = false;
    for (const session of this.#open.values()) {
      const [a, c] = [session.agent.machine, session.controller.machine];
      if (links.passes('management', a, c) && links.passes('management', c, a)) continue;
      blocked = true;
      const since = this.#silentSince(a, c);
      if (timeline.now - since < session.keepaliveMs) continue;
      this.#closeAgentEnd(session);
      this.#closeControllerEnd(session);
    }
    this.#sweeping = blocked;
    if (blocked) timeline.plan(timeline.now + SWEEP_MS, () => this.#sweep());
  }

  #silentSince(a: number, c: number): number {
    const { links } = this.#world;
    const powered = Math.max(links.poweredOffAt(a) ?? -1, links.poweredOffAt(c) ?? -1);
    const blocked = [links.of('management', a, c), links.of('management', c, a)].map((link) =>
      link.blocked > 0 ? link.blockedSince : Number.POSITIVE_INFINITY,
    );
    return Math.min(powered < 0 ? Number.POSITIVE_INFINITY : powered, ...blocked);
  }
}
