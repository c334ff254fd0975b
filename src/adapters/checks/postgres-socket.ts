import { Socket, type SocketConnectOpts } from 'node:net';
import { type Endpoint, lookupAll } from './endpoint.ts';
import { PostgresGate } from './postgres-gate.ts';
import { WrongAnswer } from './wire.ts';

/** The client library's socket: whatever the server says, the worst that happens is the end of the connection. */
export class PostgresSocket extends Socket {
  readonly #endpoint: Endpoint;
  readonly #gate = new PostgresGate();
  #everConnected = false;

  constructor(endpoint: Endpoint) {
    super();
    this.#endpoint = endpoint;
    this.once('connect', () => (this.#everConnected = true));
  }

  get asksForLogin(): boolean {
    return this.#gate.asksForLogin;
  }

  /** Whether there was a connection at some time. */
  get everConnected(): boolean {
    return this.#everConnected;
  }

  /** To the endpoint, whatever the library says: names are looked up with bounds here. */
  override connect(): this {
    const options: SocketConnectOpts = { host: this.#endpoint.host, port: this.#endpoint.port, lookup: lookupAll };
    return super.connect(options);
  }

  override emit(event: string | symbol, ...args: readonly unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...args);
    try {
      const messages = this.#gate.pass(args[0] as Buffer);
      return messages.length > 0 && super.emit('data', messages);
    } catch (error) {
      // The library throws over what it does not know.
      const known = error instanceof WrongAnswer ? error : new WrongAnswer('sent something that makes no sense here');
      this.destroy(known);
      return true;
    }
  }
}
