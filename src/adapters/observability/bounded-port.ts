import { createServer, type Server, type Socket } from 'node:net';
import { type ConnectionRefusal, ConnectionLimits } from '../../core/connection-limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';

export interface BoundedPortOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly onConnection: (socket: Socket) => void;
}

/** As long as Prometheus waits for an answer. */
export const CONNECTION_MS = 10_000;
const CONNECTIONS_PER_ADDRESS = 32;
/** Of this host itself, where the kubelet asks from: the newest stay, so that whoever fills them shuts nobody out. */
export const CONNECTIONS_OF_THIS_HOST = 256;

/** A port for short questions of anybody: bounds how many connections there are, and how long each one lasts. */
export class BoundedPort {
  readonly #options: BoundedPortOptions;
  readonly #limits = new ConnectionLimits(CONNECTIONS_PER_ADDRESS);
  readonly #connections = new Set<Socket>();
  /** Oldest first. */
  readonly #ofThisHost = new Set<Socket>();
  #server: Server | undefined;

  constructor(options: BoundedPortOptions) {
    this.#options = options;
  }

  /** Rejects with the error of the system where the address cannot be bound. */
  async open(host: string, port: number): Promise<void> {
    const server = createServer((socket) => this.#take(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      // Stays for good: a fault of a later connection must not end the process.
      server.on('error', reject);
      server.listen(port, host, resolve);
    });
  }

  /** Cuts all connections. */
  async close(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    for (const socket of this.#connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }

  #take(socket: Socket): void {
    const { clock, onConnection } = this.#options;
    const release = this.#admit(socket);
    if (!release) return;
    this.#connections.add(socket);
    const disarm = clock.after(CONNECTION_MS, () => socket.destroy());
    // Whoever reads the connection learns of its end; here nothing follows from it.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      disarm();
      release();
      this.#connections.delete(socket);
    });
    onConnection(socket);
  }

  /** @returns what to call when the connection has ended; undefined: it was closed. */
  #admit(socket: Socket): (() => void) | undefined {
    const { remoteAddress: address = '', localAddress } = socket;
    if (address === localAddress) return this.#admitOfThisHost(socket);
    const refusal = this.#limits.admit(address, this.#options.clock.now());
    if (refusal) {
      this.#cut(socket, refusal);
      return undefined;
    }
    return () => this.#limits.release(address);
  }

  #admitOfThisHost(socket: Socket): () => void {
    const [oldest] = this.#ofThisHost;
    if (oldest && this.#ofThisHost.size >= CONNECTIONS_OF_THIS_HOST) {
      this.#ofThisHost.delete(oldest);
      this.#cut(oldest, 'too-many');
    }
    this.#ofThisHost.add(socket);
    return () => this.#ofThisHost.delete(socket);
  }

  #cut(socket: Socket, reason: ConnectionRefusal): void {
    socket.destroy();
    this.#options.metrics.count('connections_refused_total', { reason });
  }
}
