import type { ElectorateMember } from '../core/electorate.ts';
import type { ControllerId } from '../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../core/messages.ts';
import type { AgentServer, AgentServerEvent, SessionId } from '../ports/agent-server.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControllerLink, ControllerLinkEvent } from '../ports/controller-link.ts';
import { FakeStream } from './fake-stream.ts';

const RETRY_MS = 200;

/** The network between agents and controllers, in memory and by the given clock. */
export class FakeWire {
  readonly clock: Clock;
  /** How long a message is under way. */
  delayMs = 1;
  /** Messages that are lost without a trace; true for those to lose. */
  loses: (message: AgentMessage | ControllerMessage, controller: ControllerId) => boolean = () => false;
  readonly servers = new Map<ControllerId, FakeAgentServer>();
  readonly #cut = new Set<ControllerId>();
  readonly #streams = new Set<FakeStream>();
  #sessions = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  newServer(id: ControllerId): AgentServer {
    return new FakeAgentServer(this, id);
  }

  newLink(): ControllerLink {
    return new FakeControllerLink(this);
  }

  /** From now on nothing passes between agents and this controller; neither side is told before its keepalive ends. */
  cut(id: ControllerId): void {
    this.#cut.add(id);
    for (const stream of this.#streams) if (stream.controller === id) stream.cut();
  }

  heal(id: ControllerId): void {
    this.#cut.delete(id);
    for (const stream of this.#streams) if (stream.controller === id) stream.heal();
  }

  /** The server that can be reached at this instant. */
  reach(id: ControllerId): FakeAgentServer | undefined {
    return this.#cut.has(id) ? undefined : this.servers.get(id);
  }

  connect(server: FakeAgentServer, link: FakeControllerLink): FakeStream {
    const session = ++this.#sessions as SessionId;
    const stream = new FakeStream(this, server.id, {
      toServer: (message) => server.receive(session, message),
      toLink: (message) => link.onEvent({ kind: 'message', controller: server.id, message }),
      endOfServer: () => server.forget(session),
      endOfLink: () => link.lost(server.id, stream),
      gone: () => this.#streams.delete(stream),
    });
    this.#streams.add(stream);
    server.remember(session, stream);
    return stream;
  }
}

class FakeAgentServer implements AgentServer {
  readonly id: ControllerId;
  readonly #wire: FakeWire;
  readonly #streams = new Map<SessionId, FakeStream>();
  readonly #greeted = new Set<SessionId>();
  #onEvent: (event: AgentServerEvent) => void = () => undefined;

  constructor(wire: FakeWire, id: ControllerId) {
    this.#wire = wire;
    this.id = id;
  }

  start(onEvent: (event: AgentServerEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    this.#wire.servers.set(this.id, this);
    return Promise.resolve();
  }

  send(session: SessionId, message: ControllerMessage): void {
    this.#streams.get(session)?.sendToLink(message);
  }

  stop(): Promise<void> {
    this.#wire.servers.delete(this.id);
    for (const stream of this.#streams.values()) stream.end();
    return Promise.resolve();
  }

  remember(session: SessionId, stream: FakeStream): void {
    this.#streams.set(session, stream);
  }

  receive(session: SessionId, message: AgentMessage): void {
    if (message.kind === 'hello') this.#greeted.add(session);
    if (this.#greeted.has(session)) this.#onEvent({ kind: 'message', session, message });
    else this.#streams.get(session)?.end();
  }

  forget(session: SessionId): void {
    this.#streams.delete(session);
    if (this.#greeted.delete(session)) this.#onEvent({ kind: 'closed', session });
  }
}

class FakeControllerLink implements ControllerLink {
  readonly #wire: FakeWire;
  #controllers: readonly ControllerId[] = [];
  readonly #streams = new Map<ControllerId, FakeStream>();
  #started = false;
  #stopped = false;
  onEvent: (event: ControllerLinkEvent) => void = () => undefined;

  constructor(wire: FakeWire) {
    this.#wire = wire;
  }

  connect(controllers: readonly ElectorateMember[]): void {
    const known = this.#controllers;
    this.#controllers = controllers.map(({ id }) => id);
    if (!this.#started) return;
    for (const id of this.#controllers) if (!known.includes(id)) this.#connectAfter(this.#wire.delayMs, id);
    for (const id of known) if (!this.#controllers.includes(id)) this.#streams.get(id)?.end();
  }

  start(onEvent: (event: ControllerLinkEvent) => void): Promise<void> {
    this.onEvent = (event) => {
      if (!this.#stopped) onEvent(event);
    };
    this.#started = true;
    for (const id of this.#controllers) this.#connectAfter(this.#wire.delayMs, id);
    return Promise.resolve();
  }

  send(controller: ControllerId, message: AgentMessage): void {
    this.#streams.get(controller)?.sendToServer(message);
  }

  stop(): Promise<void> {
    this.#stopped = true;
    for (const stream of this.#streams.values()) stream.end();
    return Promise.resolve();
  }

  lost(controller: ControllerId, stream: FakeStream): void {
    if (this.#streams.get(controller) !== stream) return;
    this.#streams.delete(controller);
    this.onEvent({ kind: 'disconnected', controller });
    this.#connectAfter(RETRY_MS, controller);
  }

  #connectAfter(ms: number, controller: ControllerId): void {
    this.#wire.clock.after(ms, () => {
      if (this.#stopped || !this.#controllers.includes(controller)) return;
      const server = this.#wire.reach(controller);
      if (!server) {
        this.#connectAfter(RETRY_MS, controller);
        return;
      }
      this.#streams.set(controller, this.#wire.connect(server, this));
      this.onEvent({ kind: 'connected', controller });
    });
  }
}
