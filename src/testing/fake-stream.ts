import type { ControllerId } from '../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../core/messages.ts';
import type { FakeWire } from './fake-wire.ts';

/** Nothing heard for so long: both ends give the stream up, as the real keepalive does. */
export const KEEPALIVE_MS = 3_000;

export interface StreamEnds {
  readonly toServer: (message: AgentMessage) => void;
  readonly toLink: (message: ControllerMessage) => void;
  readonly endOfServer: () => void;
  readonly endOfLink: () => void;
  readonly gone: () => void;
}

/** One stream of a FakeWire: in order in each direction; what is sent during a cut arrives after it. */
export class FakeStream {
  readonly controller: ControllerId;
  readonly #wire: FakeWire;
  readonly #ends: StreamEnds;
  readonly #held: (() => void)[] = [];
  #ended = false;
  #cancelKeepalive: (() => void) | undefined;

  constructor(wire: FakeWire, controller: ControllerId, ends: StreamEnds) {
    this.#wire = wire;
    this.controller = controller;
    this.#ends = ends;
  }

  sendToServer(message: AgentMessage): void {
    if (!this.#wire.loses(message, this.controller)) this.#carry(() => this.#ends.toServer(message));
  }

  sendToLink(message: ControllerMessage): void {
    if (!this.#wire.loses(message, this.controller)) this.#carry(() => this.#ends.toLink(message));
  }

  /** One side ends the stream; what was sent before arrives first. */
  end(): void {
    this.#carry(() => this.#finish());
  }

  cut(): void {
    this.#cancelKeepalive ??= this.#wire.clock.after(KEEPALIVE_MS, () => this.#finish());
  }

  heal(): void {
    this.#cancelKeepalive?.();
    this.#cancelKeepalive = undefined;
    for (const arrive of this.#held.splice(0)) arrive();
  }

  #carry(arrive: () => void): void {
    this.#wire.clock.after(this.#wire.delayMs, () => {
      if (this.#cancelKeepalive) this.#held.push(arrive);
      else if (!this.#ended) arrive();
    });
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelKeepalive?.();
    this.#ends.endOfServer();
    this.#ends.endOfLink();
    this.#ends.gone();
  }
}
