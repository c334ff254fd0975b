import { Client, type ClientDuplexStream, connectivityState, type MethodDefinition } from '@grpc/grpc-js';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { CLIENT_OPTIONS } from './channel-options.ts';
import { channelCredentials } from './credentials.ts';
import type { Refusals } from './refusals.ts';
import type { Decoded } from './decoded.ts';

export type StreamEvent<Heard> =
  { readonly kind: 'connected' | 'disconnected' } | { readonly kind: 'message'; readonly message: Heard };

export interface StreamOptions<Sent, Heard> {
  readonly method: MethodDefinition<Decoded<Sent>, Decoded<Heard>>;
  /** What would have to queue behind a slow peer, and is worth nothing by then. */
  readonly isPassing: (message: Sent) => boolean;
  /** host:port */
  readonly address: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly refusals: Refusals;
}

/** A connection that is not there after so long is tried anew: a black hole gives no answer at all. */
const CONNECT_DEADLINE_MS = 1_000;
/** The peer has this long to confirm the end of a stream. */
const FAREWELL_MS = 500;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 400;

/** One stream to one controller, opened again for ever. Every attempt has a connection of its own. */
export class ControllerStream<Sent, Heard> {
  readonly #options: StreamOptions<Sent, Heard>;
  readonly #onEvent: (event: StreamEvent<Heard>) => void;
  #client: Client | undefined;
  #call: ClientDuplexStream<Decoded<Sent>, Decoded<Heard>> | undefined;
  #connected = false;
  #blocked = false;
  #closed = false;
  #attempts = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(options: StreamOptions<Sent, Heard>, onEvent: (event: StreamEvent<Heard>) => void) {
    this.#options = options;
    this.#onEvent = onEvent;
  }

  open(): void {
    const { address, clock } = this.#options;
    // A pool of its own: attempts must not share a connection that may be half open.
    const client = new Client(address, channelCredentials(), {
      ...CLIENT_OPTIONS,
      'grpc.use_local_subchannel_pool': 1,
    });
    this.#client = client;
    client.waitForReady(new Date(clock.wallNow().getTime() + CONNECT_DEADLINE_MS), (error) => {
      if (this.#client !== client) return;
      if (error || client.getChannel().getConnectivityState(false) !== connectivityState.READY) this.#retry();
      else this.#begin(client);
    });
  }

  get isConnected(): boolean {
    return this.#connected;
  }

  send(message: Sent): void {
    if (!this.#connected || !this.#call) return;
    if (this.#blocked && this.#options.isPassing(message)) return;
    this.#blocked = !this.#call.write({ ok: true, value: message });
  }

  /** Ends the stream after what was sent before; no event comes after this. A peer that is dead is not waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    const call = this.#call;
    const client = this.#client;
    this.#call = undefined;
    this.#client = undefined;
    this.#connected = false;
    if (call) await this.#farewell(call);
    client?.close();
  }

  #farewell(call: ClientDuplexStream<Decoded<Sent>, Decoded<Heard>>): Promise<void> {
    return new Promise((resolve) => {
      const disarm = this.#options.clock.after(FAREWELL_MS, () => call.cancel());
      call.on('status', () => {
        disarm();
        resolve();
      });
      call.end();
    });
  }

  #begin(client: Client): void {
    const call = client.makeBidiStreamRequest(
      this.#options.method.path,
      this.#options.method.requestSerialize,
      this.#options.method.responseDeserialize,
    );
    this.#call = call;
    this.#blocked = false;
    this.#connected = true;
    call.on('data', (words: Decoded<Heard>) => {
      if (this.#call !== call) return;
      this.#attempts = 0;
      if (words.ok) this.#onEvent({ kind: 'message', message: words.value });
      else this.#options.refusals.refuse(words.reason, words.detail, this.#options.address);
    });
    call.on('drain', () => {
      if (this.#call === call) this.#blocked = false;
    });
    for (const end of ['end', 'error', 'close']) call.on(end, () => this.#ended(call));
    this.#onEvent({ kind: 'connected' });
  }

  #ended(call: ClientDuplexStream<Decoded<Sent>, Decoded<Heard>>): void {
    if (this.#call !== call) return;
    this.#call = undefined;
    this.#connected = false;
    call.end();
    this.#onEvent({ kind: 'disconnected' });
    this.#retry();
  }

  #retry(): void {
    this.#client?.close();
    this.#client = undefined;
    if (this.#closed) return;
    const { clock, random } = this.#options;
    const base = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.#attempts++, 10));
    this.#cancelRetry = clock.after(base * (0.75 + random.fraction() / 2), () => this.open());
  }
}
