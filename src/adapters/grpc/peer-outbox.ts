import type { PeerMessage } from '../../core/peer-messages.ts';

/**
 * What one stream to a controller still has to say. While the stream is full the newest message of each kind waits:
 * an older beat, vote or answer is worth nothing beside it.
 */
export class PeerOutbox {
  readonly #write: (message: PeerMessage) => boolean;
  readonly #waiting = new Map<PeerMessage['kind'], PeerMessage>();
  #full = false;

  /** @param write returns false when the stream takes no more until `drained` is called. */
  constructor(write: (message: PeerMessage) => boolean) {
    this.#write = write;
  }

  get full(): boolean {
    return this.#full;
  }

  send(message: PeerMessage): void {
    if (this.#full) {
      this.#waiting.delete(message.kind);
      this.#waiting.set(message.kind, message);
    } else {
      this.#full = !this.#write(message);
    }
  }

  drained(): void {
    this.#full = false;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const message of waiting) this.send(message);
  }
}
