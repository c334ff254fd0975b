import {
  logVerbosity,
  Server,
  type ServiceDefinition,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { OpError } from '../../core/op-error.ts';
import type { Clock } from '../../ports/clock.ts';
import { SERVER_OPTIONS } from './channel-options.ts';
import { serverCredentials } from './credentials.ts';

export interface GrpcServerOptions {
  /** "10.0.0.1:7480" or "[2001:db8::1]:7480" */
  readonly listen: string;
  readonly clock: Clock;
}

/** A peer that has not ended its streams by then is cut off. */
const FAREWELL_MS = 500;

/** One port with any number of services, each of which comes and goes by itself: the port is open while one is there. */
export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #services = new Set<ServiceDefinition>();
  #running: { readonly server: Server; readonly bound: Promise<void> } | undefined;

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
    this.#running = undefined;
    await this.#shutDown(server);
  }

  #bind(): { server: Server; bound: Promise<void> } {
    // Every fault comes back as an error; the library's own lines on stderr belong to no log format.
    setLogVerbosity(logVerbosity.NONE);
    const server = new Server(SERVER_OPTIONS);
    const bound = new Promise<void>((resolve, reject) => {
      server.bindAsync(this.#options.listen, serverCredentials(), (error) => {
        if (!error) return resolve();
        const message = `cannot listen on ${this.#options.listen}: ${error.message}; is the address this host's and the port free?`;
        return reject(new OpError('InvalidInput', message, { cause: error }));
      });
    });
    return { server, bound };
  }

  #shutDown(server: Server): Promise<void> {
    return new Promise((resolve) => {
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
}
