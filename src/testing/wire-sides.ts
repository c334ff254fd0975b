import type { ControllerId } from '../core/ids.ts';
import type { AgentServer, AgentServerEvent, SessionId } from '../ports/agent-server.ts';
import type { ControllerLink, ControllerLinkEvent } from '../ports/controller-link.ts';

type Of<E, K> = Extract<E, { readonly kind: K }>;

/** A controller that only writes down what it hears. */
export class ControllerSide {
  readonly server: AgentServer;
  readonly events: AgentServerEvent[] = [];
  /** Called for each event, after it was written down. */
  react: (event: AgentServerEvent) => void = () => undefined;

  constructor(server: AgentServer) {
    this.server = server;
  }

  start(): Promise<void> {
    return this.server.start((event) => {
      this.events.push(event);
      this.react(event);
    });
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  get messages(): Of<AgentServerEvent, 'message'>[] {
    return this.events.filter((event) => event.kind === 'message');
  }

  /** The newest session of a node. */
  sessionOf(node: string): SessionId {
    const greeting = this.messages.findLast(({ message }) => message.kind === 'hello' && message.node === node);
    if (!greeting) throw new Error(`no hello of ${node}`);
    return greeting.session;
  }
}

/** An agent that only writes down what it hears. */
export class AgentSide {
  readonly link: ControllerLink;
  readonly events: ControllerLinkEvent[] = [];
  /** Called for each event, after it was written down. */
  react: (event: ControllerLinkEvent) => void = () => undefined;

  constructor(link: ControllerLink) {
    this.link = link;
  }

  start(): Promise<void> {
    return this.link.start((event) => {
      this.events.push(event);
      this.react(event);
    });
  }

  stop(): Promise<void> {
    return this.link.stop();
  }

  get messages(): Omit<Of<ControllerLinkEvent, 'message'>, 'kind'>[] {
    return this.events.flatMap((event) =>
      event.kind === 'message' ? [{ controller: event.controller, message: event.message }] : [],
    );
  }

  isConnected(controller: ControllerId): boolean {
    const last = this.events.findLast((event) => event.controller === controller && event.kind !== 'message');
    return last?.kind === 'connected';
  }
}
