import { Client, type ClientDuplexStream, connectivityState, type MethodDefinition } from '@grpc/grpc-js';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { Sockets, SocketScope } from '../../ports/sockets.ts';
import { CLIENT_OPTIONS } from './channel-options.ts';
import { type CallSecurity, channelCredentials, TLS_CHANNEL_OPTIONS } from './credentials.ts';
import type { Decoded } from './decoded.ts';
import type { Refusals } from './refusals.ts';

export type ClientStreamEvent<In> =
  | { readonly kind: 'opened' }
  | { readonly kind: 'message'; readonly message: In }
  /** There is room again after `write` has returned false. */
  | { readonly kind: 'drained' }
  | { readonly kind: 'closed' };

export interface ClientStreamOptions<Out, In> {
  /** host:port */
  readonly address: string;
  readonly method: MethodDefinition<Decoded<Out>, Decoded<In>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets;
  readonly log: Log;
  readonly refusals: Refusals;
  /** Undefined: without encryption, and whoever answers is believed. */
  readonly security: CallSecurity | undefined;
}

/** A connection that is not there after so long is tried anew: a black hole gives no answer at all. */
const CONNECT_DEADLINE_MS = 1_000;
/** The peer has this long to confirm the end of a stream. */
const FAREWELL_MS = 500;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 400;

interface Attempt {
  readonly client: Client;
  readonly scope: SocketScope;
  /** Cancels its deadline. */
  readonly disarm: () => void;
}

/** One stream to one address, opened again for ever. Every attempt has a connection of its own. */
export class ClientStream<Out, In> {
  readonly #options: ClientStreamOptions<Out, In>;
  readonly #onEvent: (event: ClientStreamEvent<In>) => void;
  #attempt: Attempt | undefined;
  #call: ClientDuplexStream<Decoded<Out>, Decoded<In>> | undefined;
  #blocked = false;
  #closed = false;
  #failures = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(options: ClientStreamOptions<Out, In>, onEvent: (event: ClientStreamEvent<In>) => void) {
    this.#options = options;
    this.#onEvent = (event) => options.sockets.outside(() => onEvent(event));
  }

  get address(): string {
    return this.#options.address;
  }

  open(): void {
    const { address, clock, security, sockets } = this.#options;
    const scope = sockets.scope();
    scope.run(() => {
      // A pool of its own: attempts must not share a connection that may be half open.
      const client = new Client(address, channelCredentials(security, address), {
        ...CLIENT_OPTIONS,
        ...(security ? TLS_CHANNEL_OPTIONS : {}),
        'grpc.use_local_subchannel_pool': 1,
      });
      const disarm = clock.after(CONNECT_DEADLINE_MS, () => {
        this.#say('no connection', `no answer within ${CONNECT_DEADLINE_MS} ms`);
        this.#retry();
      });
      this.#attempt = { client, scope, disarm };
      client.getChannel().getConnectivityState(true);
      this.#await(client);
    });
  }

  /** A stream is open, and takes more. */
  get ready(): boolean {
    return this.#call !== undefined && !this.#blocked;
  }

  /** Dropped where no stream is open. False: nothing more should be written before 'drained'. */
  write(message: Out): boolean {
    if (!this.#call) return false;
    this.#blocked = !this.#call.write({ ok: true, value: message });
    return !this.#blocked;
  }

  /** Ends this stream because of what came on it; the next one is opened after the longest wait. */
  reject(): void {
    this.#failures = 10;
    this.#call?.cancel();
  }

  /** Ends the stream after what was sent before; no event comes after this. A peer that is dead is not waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    const call = this.#call;
    const attempt = this.#attempt;
    this.#call = undefined;
    this.#attempt = undefined;
    if (call) await this.#farewell(call);
    end(attempt);
  }

  #farewell(call: ClientDuplexStream<Decoded<Out>, Decoded<In>>): Promise<void> {
    return new Promise((resolve) => {
      const disarm = this.#options.clock.after(FAREWELL_MS, () => call.cancel());
      call.on('status', () => {
        disarm();
        resolve();
      });
      call.end();
    });
  }

  /**
   * Begins when the connection is there. The library's own wait is of no use: its timer cannot be cancelled, and when
   * the client is closed meanwhile it wakes it up once more, which then connects for ever.
   */
  #await(client: Client): void {
    if (this.#attempt?.client !== client) return;
    const channel = client.getChannel();
    const state = channel.getConnectivityState(false);
    switch (state) {
      case connectivityState.READY:
        this.#attempt.disarm();
        return this.#begin(client);
      case connectivityState.TRANSIENT_FAILURE:
      case connectivityState.SHUTDOWN:
        this.#say('no connection', 'refused, unreachable, or TLS was not agreed on');
        return this.#retry();
      case connectivityState.IDLE:
      case connectivityState.CONNECTING:
        channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => this.#await(client));
    }
  }

  #begin(client: Client): void {
    const { path, requestSerialize, responseDeserialize } = this.#options.method;
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.#call = call;
    this.#blocked = false;
    call.on('data', (words: Decoded<In>) => {
      if (this.#call !== call) return;
      this.#failures = 0;
      if (words.ok) this.#onEvent({ kind: 'message', message: words.value });
      else this.#options.refusals.refuse(words.reason, words.detail, this.#options.address);
    });
    call.on('drain', () => {
      if (this.#call !== call) return;
      this.#blocked = false;
      this.#onEvent({ kind: 'drained' });
    });
    call.on('error', ({ message }) => this.#call === call && this.#say('connection lost', message));
    for (const event of ['end', 'error', 'close']) call.on(event, () => this.#ended(call));
    this.#onEvent({ kind: 'opened' });
  }

  #ended(call: ClientDuplexStream<Decoded<Out>, Decoded<In>>): void {
    if (this.#call !== call) return;
    this.#call = undefined;
    call.end();
    this.#onEvent({ kind: 'closed' });
    this.#retry();
  }

  /** For who looks for the reason: that there is no stream is told to whoever holds it. */
  #say(message: string, reason: string): void {
    this.#options.log.log('debug', message, { peer: this.#options.address, reason });
  }

  #retry(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    end(attempt);
    if (this.#closed) return;
    const { clock, random } = this.#options;
    const base = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.#failures++, 10));
    this.#cancelRetry = clock.after(base * (0.75 + random.fraction() / 2), () => this.open());
  }
}

function end(attempt: Attempt | undefined): void {
  attempt?.disarm();
  attempt?.client.close();
  attempt?.scope.close();
}
