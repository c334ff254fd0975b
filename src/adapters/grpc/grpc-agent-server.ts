import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { ControllerMessage } from '../../core/messages.ts';
import type { AgentServer, AgentServerEvent, SessionId } from '../../ports/agent-server.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { GrpcServer } from './grpc-server.ts';
import { Outbox } from './outbox.ts';
import { Refusals } from './refusals.ts';
import { type AgentWords, type ControllerWords, SESSION } from './session-method.ts';

type Call = ServerDuplexStream<AgentWords, ControllerWords>;

interface Session {
  readonly call: Call;
  readonly outbox: Outbox;
  greeted: boolean;
}

export interface AgentServerOptions {
  /** Whose port the agents connect to. */
  readonly server: GrpcServer;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const SERVICE = { session: SESSION };

/** The controller's side of the agents' streams. */
export class GrpcAgentServer implements AgentServer {
  readonly #server: GrpcServer;
  readonly #refusals: Refusals;
  readonly #sessions = new Map<SessionId, Session>();
  #count = 0;

  constructor(options: AgentServerOptions) {
    this.#server = options.server;
    this.#refusals = new Refusals(options);
  }

  /** Rejects with OpError where the address cannot be bound. */
  start(onEvent: (event: AgentServerEvent) => void): Promise<void> {
    return this.#server.serve(SERVICE, { session: (call: Call) => this.#accept(call, onEvent) });
  }

  send(id: SessionId, message: ControllerMessage): void {
    this.#sessions.get(id)?.outbox.send(message);
  }

  async stop(): Promise<void> {
    for (const { call } of this.#sessions.values()) call.end();
    await this.#server.withdraw(SERVICE);
  }

  #accept(call: Call, onEvent: (event: AgentServerEvent) => void): void {
    const id = ++this.#count as SessionId;
    const session: Session = { call, outbox: new Outbox(call), greeted: false };
    const peer = call.getPeer();
    this.#sessions.set(id, session);
    const close = (): void => {
      if (!this.#sessions.delete(id)) return;
      call.end();
      if (session.greeted) onEvent({ kind: 'closed', session: id });
    };
    call.on('data', (words: AgentWords) => {
      if (!this.#sessions.has(id)) return;
      if (!words.ok) return this.#refusals.refuse(words.reason, words.detail, peer);
      if (!session.greeted && words.value.kind !== 'hello') {
        this.#refusals.refuse('no-hello', `the session begins with ${words.value.kind}`, peer);
        return close();
      }
      session.greeted = true;
      return onEvent({ kind: 'message', session: id, message: words.value });
    });
    for (const end of ['end', 'cancelled', 'close', 'error']) call.on(end, close);
  }
}
