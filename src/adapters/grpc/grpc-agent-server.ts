import {
  logVerbosity,
  Server,
  type ServerDuplexStream,
  type ServiceDefinition,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { ControllerMessage } from '../../core/messages.ts';
import { OpError } from '../../core/op-error.ts';
import type { AgentServer, AgentServerEvent, SessionId } from '../../ports/agent-server.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { SERVER_OPTIONS } from './channel-options.ts';
import { serverCredentials } from './credentials.ts';
import { Outbox } from './outbox.ts';
import { Refusals } from './refusals.ts';
import { type AgentWords, type ControllerWords, SESSION } from './session-method.ts';

type Call = ServerDuplexStream<AgentWords, ControllerWords>;

interface Session {
  readonly call: Call;
  readonly outbox: Outbox;
  greeted: boolean;
}

export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface AgentServerOptions {
  /** "10.0.0.1:7480" or "[2001:db8::1]:7480" */
  readonly listen: string;
  /** Offered at the same address. */
  readonly services?: readonly GrpcService[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A peer that has not ended its streams by then is cut off. */
const FAREWELL_MS = 500;

/** The controller's side of the agents' streams. */
export class GrpcAgentServer implements AgentServer {
  readonly #options: AgentServerOptions;
  readonly #refusals: Refusals;
  readonly #sessions = new Map<SessionId, Session>();
  #server: Server | undefined;
  #count = 0;

  constructor(options: AgentServerOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options);
  }

  /** Rejects with OpError where the address cannot be bound. */
  async start(onEvent: (event: AgentServerEvent) => void): Promise<void> {
    // Every fault comes back as an error; the library's own lines on stderr belong to no log format.
    setLogVerbosity(logVerbosity.NONE);
    const server = new Server(SERVER_OPTIONS);
    server.addService({ session: SESSION }, { session: (call: Call) => this.#accept(call, onEvent) });
    for (const { definition, implementation } of this.#options.services ?? []) {
      server.addService(definition, implementation);
    }
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(this.#options.listen, serverCredentials(), (error) => {
        if (!error) return resolve();
        const message = `cannot listen on ${this.#options.listen}: ${error.message}; is the address this host's and the port free?`;
        return reject(new OpError('InvalidInput', message, { cause: error }));
      });
    });
  }

  send(id: SessionId, message: ControllerMessage): void {
    this.#sessions.get(id)?.outbox.send(message);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    for (const { call } of this.#sessions.values()) call.end();
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(FAREWELL_MS, () => {
        server.forceShutdown();
        resolve();
      });
      server.tryShutdown(() => {
        cancel();
        resolve();
      });
    });
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
