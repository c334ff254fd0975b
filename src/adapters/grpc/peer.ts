import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { PeerMessage } from '../../core/peer-messages.ts';
import { ClientStream, type ClientStreamOptions } from './client-stream.ts';
import type { PeerFrame, PeerHello } from './peer-message-codec.ts';
import type { PeerWords } from './peer-method.ts';
import { PeerOutbox } from './peer-outbox.ts';

export type PeerCall = ServerDuplexStream<PeerWords, PeerWords>;

export interface PeerOptions {
  readonly stream: ClientStreamOptions<PeerFrame, PeerFrame>;
  readonly hello: PeerHello;
  /** Whether the first message of our stream comes from the one that we called. */
  readonly isGreeting: (frame: PeerFrame) => boolean;
  readonly onMessage: (message: PeerFrame) => void;
}

/** One other controller: the stream that we open to it, and the one that it opens to us. */
export class Peer {
  readonly #options: PeerOptions;
  readonly #ours: ClientStream<PeerFrame, PeerFrame>;
  /** Where its hello was good. */
  #ourOutbox: PeerOutbox | undefined;
  #theirs: { readonly call: PeerCall; readonly outbox: PeerOutbox } | undefined;

  constructor(options: PeerOptions) {
    this.#options = options;
    const { stream, hello } = options;
    this.#ours = new ClientStream(stream, (event) => {
      switch (event.kind) {
        case 'opened':
          this.#ours.write(hello);
          return;
        case 'message':
          this.#hear(event.message);
          return;
        case 'drained':
          this.#ourOutbox?.drained();
          return;
        case 'closed':
          this.#ourOutbox = undefined;
      }
    });
  }

  open(): void {
    this.#ours.open();
  }

  /** Takes the place of an older stream of the same controller: that one is dead, or soon will be. */
  accept(call: PeerCall): void {
    this.#theirs?.call.end();
    const outbox = new PeerOutbox((message) => call.write({ ok: true, value: message }));
    call.on('drain', () => outbox.drained());
    this.#theirs = { call, outbox };
    call.write({ ok: true, value: this.#options.hello });
  }

  forget(call: PeerCall): void {
    if (this.#theirs?.call === call) this.#theirs = undefined;
  }

  /** By our own stream, or by the other one where ours is not there or is full. */
  send(message: PeerMessage): void {
    const ours = this.#ourOutbox;
    const theirs = this.#theirs?.outbox;
    const free = [ours, theirs].find((outbox) => outbox && !outbox.full);
    (free ?? ours ?? theirs)?.send(message);
  }

  async close(): Promise<void> {
    this.#theirs?.call.end();
    this.#theirs = undefined;
    this.#ourOutbox = undefined;
    await this.#ours.close();
  }

  #hear(frame: PeerFrame): void {
    if (this.#ourOutbox) this.#options.onMessage(frame);
    else if (this.#options.isGreeting(frame)) this.#ourOutbox = new PeerOutbox((said) => this.#ours.write(said));
    else this.#ours.reject();
  }
}
