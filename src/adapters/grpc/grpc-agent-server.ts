import type { ServerDuplexStream } from '@grpc/grpc-js';
import { nodeIdentity } from '../../core/identity.ts';
import type { ControllerMessage } from '../../core/messages.ts';
import type { AgentServer, AgentServerEvent, SessionId } from '../../ports/agent-server.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { costOf, type RefusalCause } from './decoded.ts';
import { callerOf, type GrpcServer } from './grpc-server.ts';
import { Outbox } from './outbox.ts';
import type { Rate } from '../../core/rate-limit.ts';
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
/** A session that has not begun by then is ended. */
const HELLO_MS = 5_000;
/** An agent has 50 heartbeats a second to send, and now and then a report about all of its VIPs. */
const MESSAGES: Rate = { burst: 4_000, perSecond: 1_000 };

/** The controller's side of the agents' streams. */
export class GrpcAgentServer implements AgentServer {
  readonly #server: GrpcServer;
  readonly #clock: Clock;
  readonly #refusals: Refusals;
  readonly #sessions = new Map<SessionId, Session>();
  #count = 0;

  constructor(options: AgentServerOptions) {
    this.#server = options.server;
    this.#clock = options.clock;
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
      disarm();
      if (!this.#sessions.delete(id)) return;
      call.end();
      if (session.greeted) onEvent({ kind: 'closed', session: id });
    };
    const reject = (reason: RefusalCause, detail: string): void => {
      this.#refusals.refuse(reason, detail, peer);
      close();
    };
    const expel = (reason: RefusalCause, detail: string): void => {
      reject(reason, detail);
      this.#server.hangUp(call);
    };
    const disarm = this.#clock.after(HELLO_MS, () => reject('no-hello', `the session has not begun in ${HELLO_MS} ms`));
    call.on('data', (words: AgentWords) => {
      if (!this.#sessions.has(id)) return;
      if (!this.#server.keepsTo(MESSAGES, call, costOf(words))) {
        return expel('too-fast', `more than ${MESSAGES.perSecond} messages a second`);
      }
      if (!words.ok) return this.#refusals.refuse(words.reason, words.detail, peer);
      const message = words.value;
      if (message.kind === 'hello') {
        if (!this.#server.speaksFor(call, nodeIdentity(message.node))) {
          return expel('impostor', `the certificate of ${callerOf(call) ?? 'nobody'} says that it is ${message.node}`);
        }
        disarm();
        session.greeted = true;
      } else if (!session.greeted) {
        return reject('no-hello', `the session begins with ${message.kind}`);
      }
      return onEvent({ kind: 'message', session: id, message });
    });
    for (const end of ['end', 'cancelled', 'close', 'error']) call.on(end, close);
  }
}
