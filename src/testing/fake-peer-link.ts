import type { ElectorateMember } from '../core/electorate.ts';
import type { ControllerId } from '../core/ids.ts';
import type { PeerMessage } from '../core/peer-messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { PeerEvent, PeerLink } from '../ports/peer-link.ts';

/** The network among controllers, in memory and by the given clock. A message is delivered or lost, never kept. */
export class FakePeerNetwork {
  readonly clock: Clock;
  /** How long a message is under way. */
  delayMs = 1;
  /** Messages that are lost without a trace; true for those to lose. */
  loses: (message: PeerMessage, from: ControllerId, to: ControllerId) => boolean = () => false;
  readonly #links = new Map<ControllerId, FakePeerLink>();
  readonly #cut = new Set<string>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  newLink(self: ControllerId): PeerLink {
    return new FakePeerLink(this, self);
  }

  /** From now on nothing passes in this direction, nor what is under way. */
  cut(from: ControllerId, to: ControllerId): void {
    this.#cut.add(wayOf(from, to));
  }

  heal(from: ControllerId, to: ControllerId): void {
    this.#cut.delete(wayOf(from, to));
  }

  /** A link that is started takes the place of an earlier one of the same controller. */
  add(link: FakePeerLink): void {
    this.#links.set(link.self, link);
  }

  remove(link: FakePeerLink): void {
    if (this.#links.get(link.self) === link) this.#links.delete(link.self);
  }

  carry(from: FakePeerLink, to: ControllerId, message: PeerMessage): void {
    const receiver = this.#links.get(to);
    if (!receiver || this.loses(message, from.self, to)) return;
    this.clock.after(this.delayMs, () => {
      // What a controller said before it stopped arrives; what was said to one that has stopped does not.
      if (!this.#cut.has(wayOf(from.self, to)) && this.#links.get(to) === receiver) receiver.hear(from.self, message);
    });
  }
}

class FakePeerLink implements PeerLink {
  readonly self: ControllerId;
  readonly #network: FakePeerNetwork;
  #members: readonly ControllerId[] = [];
  #onEvent: (event: PeerEvent) => void = () => undefined;
  #running = false;

  constructor(network: FakePeerNetwork, self: ControllerId) {
    this.#network = network;
    this.self = self;
  }

  connect(controllers: readonly ElectorateMember[]): void {
    this.#members = controllers.map(({ id }) => id);
  }

  start(onEvent: (event: PeerEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    this.#running = true;
    this.#network.add(this);
    return Promise.resolve();
  }

  send(to: ControllerId, message: PeerMessage): void {
    if (this.#running && to !== this.self && this.#members.includes(to)) this.#network.carry(this, to, message);
  }

  stop(): Promise<void> {
    this.#running = false;
    this.#network.remove(this);
    return Promise.resolve();
  }

  hear(from: ControllerId, message: PeerMessage): void {
    if (this.#members.includes(from)) this.#onEvent({ kind: 'message', from, message });
  }
}

const wayOf = (from: ControllerId, to: ControllerId): string => `${from}>${to}`;
