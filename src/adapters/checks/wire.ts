import { connect, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { ProbeOutcome } from '../../core/checks.ts';
import { type Endpoint, endpointText, lookupAll, messageOf, whyNotConnected } from './endpoint.ts';
import { failed } from './outcome.ts';

/** The server's answer is none of the protocol; the message says what it is instead, for people. */
export class WrongAnswer extends Error {}

/** Nobody is asked who the other side is; without this each connection would load the certificates of the system. */
let unverified: ReturnType<typeof createSecureContext> | undefined;

/** A TCP connection that is read in pieces. Holds little more than the piece that is being read. */
export class Wire {
  #socket: Socket;
  #connected = false;
  #secure = false;
  #closed = false;
  #error: unknown;
  #wake: () => void = () => undefined;

  constructor({ host, port }: Endpoint) {
    this.#socket = this.#follow(connect({ host, port, lookup: lookupAll, noDelay: true }));
    this.#socket.once('connect', () => {
      this.#connected = true;
      this.#wake();
    });
  }

  get isConnected(): boolean {
    return this.#connected;
  }

  /** Rejects where no connection comes about. */
  async connected(): Promise<void> {
    while (!this.#connected) await this.#change();
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Whether something has arrived that was not read. */
  get hasUnread(): boolean {
    return this.#socket.readableLength > 0;
  }

  /** Goes on in TLS, whatever certificate the server has: a check asks an address, not a name. Rejects without TLS. */
  async secured(): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('readable').removeAllListeners('end');
    unverified ??= createSecureContext({ ca: [] });
    this.#socket = this.#follow(
      connectTls({ socket: plain, secureContext: unverified, rejectUnauthorized: false }, () => {
        this.#secure = true;
        this.#wake();
      }),
    );
    while (!this.#secure) await this.#change();
  }

  /** Whatever has arrived, at least one byte. Rejects where the connection ends before. */
  async readSome(): Promise<Buffer> {
    for (;;) {
      const bytes = this.#socket.read() as Buffer | null;
      if (bytes) return bytes;
      if (this.#socket.readableEnded) throw this.#endedEarly();
      await this.#change();
    }
  }

  /** So many bytes. Rejects where the connection ends before. */
  async read(length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes = this.#socket.read(length) as Buffer | null;
      if (bytes?.length === length) return bytes;
      if (bytes || this.#socket.readableEnded) throw this.#endedEarly();
      await this.#change();
    }
  }

  /** Cuts the connection, made or being made. */
  close(): void {
    this.#socket.destroy();
  }

  #follow(socket: Socket): Socket {
    const wake = (): void => this.#wake();
    return socket
      .on('error', (error) => (this.#error ??= error))
      .on('readable', wake)
      .on('end', wake)
      .on('close', () => {
        this.#closed = true;
        wake();
      });
  }

  async #change(): Promise<void> {
    if (this.#closed) throw this.#endedEarly();
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #endedEarly(): unknown {
    if (this.#error !== undefined) return this.#error;
    const when = this.#socket.bytesRead === 0 ? 'without an answer' : 'in the middle of its answer';
    return new WrongAnswer(`closed the connection ${when}`);
  }
}

/**
 * Connects, talks, and cuts the connection, at the latest when `signal` is aborted. Never rejects.
 *
 * @param talk throws WrongAnswer, whose message follows "HOST:PORT " in the outcome.
 */
export async function converse(
  endpoint: Endpoint,
  timeoutMs: number,
  signal: AbortSignal,
  talk: (wire: Wire) => Promise<ProbeOutcome> | ProbeOutcome,
): Promise<ProbeOutcome> {
  let wire: Wire | undefined;
  const cut = (): void => wire?.close();
  try {
    wire = new Wire(endpoint);
    signal.addEventListener('abort', cut);
    if (signal.aborted) cut();
    await wire.connected();
    return await talk(wire);
  } catch (error) {
    if (signal.aborted) return failed(lateText(endpoint, timeoutMs, wire?.isConnected ?? false));
    return failed(whyFailed(error, endpoint));
  } finally {
    signal.removeEventListener('abort', cut);
    cut();
  }
}

/** What a run says that was cut off. */
export const lateText = (endpoint: Endpoint, timeoutMs: number, connected: boolean): string =>
  connected
    ? `${endpointText(endpoint)} accepted the connection, but gave no answer within ${timeoutMs} ms`
    : `no connection to ${endpointText(endpoint)} within ${timeoutMs} ms`;

function whyFailed(error: unknown, endpoint: Endpoint): string {
  if (error instanceof WrongAnswer) return `${endpointText(endpoint)} ${error.message}`;
  return whyNotConnected(error, endpoint) ?? `${endpointText(endpoint)}: ${messageOf(error)}`;
}
