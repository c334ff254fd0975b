import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { ElectorateName } from '../../core/electorate.ts';
import type { ControllerId } from '../../core/ids.ts';
import type { PeerMessage } from '../../core/peer-messages.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { PeerEvent, PeerLink } from '../../ports/peer-link.ts';
import type { Random } from '../../ports/random.ts';
import { ControllerStream } from './controller-stream.ts';
import type { GrpcService } from './grpc-agent-server.ts';
import { type AnswererWords, type CallerWords, PEER_SESSION, type PeerHello } from './peer-session-method.ts';
import { Refusals } from './refusals.ts';

type Incoming = ServerDuplexStream<CallerWords, AnswererWords>;

export interface PeerLinkOptions {
  readonly self: ControllerId;
  readonly electorate: ElectorateName;
  /** The other controllers, "host:port". */
  readonly peers: readonly { readonly id: ControllerId; readonly address: string }[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * A stream to every other controller, and one from each: a message takes the one that we opened, or else the one that
 * the peer opened, so that either is enough.
 */
export class GrpcPeerLink implements PeerLink {
  readonly #options: PeerLinkOptions;
  readonly #refusals: Refusals;
  readonly #outgoing = new Map<ControllerId, ControllerStream<PeerHello | PeerMessage, PeerMessage>>();
  readonly #incoming = new Map<ControllerId, Incoming>();
  #onEvent: ((event: PeerEvent) => void) | undefined;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options);
  }

  /** What the server of this controller has to offer to the others. */
  get service(): GrpcService {
    return {
      definition: { session: PEER_SESSION },
      implementation: { session: (call: Incoming) => this.#accept(call) },
    };
  }

  start(onEvent: (event: PeerEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    const { self, electorate } = this.#options;
    for (const { id, address } of this.#options.peers) {
      const stream = new ControllerStream<PeerHello | PeerMessage, PeerMessage>(
        { ...this.#options, method: PEER_SESSION, isPassing: () => true, address, refusals: this.#refusals },
        (event) => {
          if (event.kind === 'connected') stream.send({ kind: 'hello', id: self, electorate });
          if (event.kind === 'message') this.#onEvent?.({ kind: 'message', from: id, message: event.message });
        },
      );
      this.#outgoing.set(id, stream);
      stream.open();
    }
    return Promise.resolve();
  }

  send(to: ControllerId, message: PeerMessage): void {
    const outgoing = this.#outgoing.get(to);
    if (outgoing?.isConnected) return outgoing.send(message);
    const incoming = this.#incoming.get(to);
    if (incoming && !incoming.writableNeedDrain) incoming.write({ ok: true, value: message });
    return undefined;
  }

  async stop(): Promise<void> {
    this.#onEvent = undefined;
    for (const call of this.#incoming.values()) call.end();
    await Promise.all(Array.from(this.#outgoing.values(), (stream) => stream.close()));
  }

  #accept(call: Incoming): void {
    const address = call.getPeer();
    let from: ControllerId | undefined;
    const close = (): void => {
      if (from !== undefined && this.#incoming.get(from) === call) this.#incoming.delete(from);
      call.end();
    };
    call.on('data', (words: CallerWords) => {
      if (!words.ok) return this.#refusals.refuse(words.reason, words.detail, address);
      if (words.value.kind === 'hello') {
        if (!this.#welcomes(words.value, address)) return close();
        from = words.value.id;
        this.#incoming.set(from, call);
        return undefined;
      }
      if (from !== undefined) return this.#onEvent?.({ kind: 'message', from, message: words.value });
      this.#refusals.refuse('no-hello', `the session begins with ${words.value.kind}`, address);
      return close();
    });
    for (const end of ['end', 'cancelled', 'close', 'error']) call.on(end, close);
  }

  #welcomes({ id, electorate }: PeerHello, address: string): boolean {
    if (!this.#options.peers.some((peer) => peer.id === id)) {
      this.#refusals.refuse('unknown-peer', `${id} is not in --controllers`, address);
      return false;
    }
    if (electorate === this.#options.electorate) return true;
    const detail = `${id} is configured with electorate ${electorate}, we with ${this.#options.electorate}: give all the same --controllers`;
    this.#refusals.refuse('other-electorate', detail, address);
    return false;
  }
}
