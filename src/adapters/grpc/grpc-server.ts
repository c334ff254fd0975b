import {
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerOptions,
  type ServiceDefinition,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type Identity, identityIn } from '../../core/identity.ts';
import { OpError } from '../../core/op-error.ts';
import { SERVER_OPTIONS } from './channel-options.ts';
import { Listener, type ListenerOptions } from './listener.ts';
import type { Rate } from '../../core/rate-limit.ts';
import { errorText } from '../../core/error-text.ts';

export interface GrpcServerOptions extends ListenerOptions {
  /** Default SERVER_OPTIONS. */
  readonly channel?: ServerOptions;
}

type Call = Pick<ServerDuplexStream<unknown, unknown>, 'getAuthContext' | 'getPeer'>;

interface Running {
  readonly server: Server;
  readonly listener: Listener;
  readonly bound: Promise<void>;
}

/** A peer that has not ended its streams by then is cut off. */
const FAREWELL_MS = 500;

/** One port with any number of services, each of which comes and goes by itself: the port is open while one is there. */
export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #services = new Set<ServiceDefinition>();
  #running: Running | undefined;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
  }

  /** Adds a service. Rejects with OpError where the address cannot be bound. */
  async serve(service: ServiceDefinition, implementation: UntypedServiceImplementation): Promise<void> {
    const running = (this.#running ??= this.#bind());
    this.#services.add(service);
    running.server.addService(service, implementation);
    await running.bound;
  }

  /** Takes a service away, whose user has ended its calls; the last one closes the port. */
  async withdraw(service: ServiceDefinition): Promise<void> {
    if (!this.#running || !this.#services.delete(service)) return;
    const { server } = this.#running;
    server.removeService(service);
    if (this.#services.size > 0) return;
    const running = this.#running;
    this.#running = undefined;
    await this.#shutDown(running);
  }

  /** Whether the caller may speak for `identity`: the certificate of its connection does. Without TLS everybody may. */
  speaksFor(call: Call, identity: Identity): boolean {
    return this.#options.credentials === undefined || callerOf(call) === identity;
  }

  /** Whether the messages of the connection of a call keep to a rate, after one more of this cost. */
  keepsTo(rate: Rate, call: Call, cost: number): boolean {
    return this.#running?.listener.keepsTo(rate, call.getPeer(), cost) ?? true;
  }

  /** Cuts the connection of a call, with whatever else is on it. */
  hangUp(call: Call): void {
    this.#running?.listener.hangUp(call.getPeer());
  }

  #bind(): Running {
    // Every fault comes back as an error; the library's own lines on stderr belong to no log format.
    setLogVerbosity(logVerbosity.NONE);
    const server = new Server(this.#options.channel ?? SERVER_OPTIONS);
    const listener = new Listener(this.#options);
    // The listener has seen to encryption; a connection that comes from it may talk.
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    const bound = listener
      .open((socket) => injector.injectConnection(socket))
      .catch((error: unknown) => {
        const reason = errorText(error);
        const message = `cannot listen on ${this.#options.listen}: ${reason}; is the address this host's and the port free?`;
        throw new OpError('InvalidInput', message, { cause: error });
      });
    return { server, listener, bound };
  }

  async #shutDown({ server, listener }: Running): Promise<void> {
    listener.close();
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
    listener.cut();
  }
}

/** Whom the certificate of a connection speaks for; for the log where it was not the one that it said. */
export const callerOf = (call: Call): Identity | undefined =>
  identityIn(call.getAuthContext().sslPeerCertificate?.subjectaltname ?? '');
