import type { NodeName } from '../core/ids.ts';
import type { WitnessMessage } from '../core/witness-messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { WitnessEvent, WitnessLink, WitnessPeer } from '../ports/witness-link.ts';

type Question = Extract<WitnessMessage, { readonly kind: 'confirm-request' }>;
type Answer = Extract<WitnessMessage, { readonly kind: 'confirm-answer' }>;

/** The networks among agents, in memory and by the given clock. A message is delivered or lost, never kept. */
export class FakeWitnessNetwork {
  readonly clock: Clock;
  /** How long a message is under way. */
  delayMs = 1;
  /** Messages that are lost without a trace; true for those to lose. */
  loses: (message: WitnessMessage, from: NodeName, to: NodeName) => boolean = () => false;
  readonly #links = new Map<string, FakeWitnessLink>();
  readonly #cut = new Set<string>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** @param listen addresses where the agent answers, "host:port". */
  newLink(self: NodeName, listen: readonly string[]): WitnessLink {
    return new FakeWitnessLink(this, self, listen);
  }

  /** From now on nothing passes by this address, nor what is under way. */
  cut(address: string): void {
    this.#cut.add(address);
  }

  heal(address: string): void {
    this.#cut.delete(address);
  }

  add(link: FakeWitnessLink): void {
    for (const address of link.listen) this.#links.set(address, link);
  }

  remove(link: FakeWitnessLink): void {
    for (const address of link.listen) if (this.#links.get(address) === link) this.#links.delete(address);
  }

  ask(from: FakeWitnessLink, to: NodeName, address: string, question: Question): void {
    const receiver = this.#links.get(address);
    if (receiver?.self !== to || this.loses(question, from.self, to)) return;
    this.#carry(address, () => {
      if (this.#links.get(address) === receiver) receiver.hearQuestion(question, { asker: from, address });
    });
  }

  answer(from: NodeName, { asker, address }: Way, answer: Answer): void {
    if (this.loses(answer, from, asker.self)) return;
    this.#carry(address, () => asker.hearAnswer(from, answer));
  }

  #carry(address: string, arrive: () => void): void {
    this.clock.after(this.delayMs, () => {
      if (!this.#cut.has(address)) arrive();
    });
  }
}

/** How a question came; its answer goes back the same way. */
interface Way {
  readonly asker: FakeWitnessLink;
  readonly address: string;
}

class FakeWitnessLink implements WitnessLink {
  readonly self: NodeName;
  readonly listen: readonly string[];
  readonly #network: FakeWitnessNetwork;
  readonly #addresses = new Map<NodeName, readonly string[]>();
  /** Questions of ours that are not answered yet. */
  readonly #asked = new Set<string>();
  /** Questions of peers that we have not answered yet. */
  readonly #open = new Map<string, Way[]>();
  #onEvent: (event: WitnessEvent) => void = () => undefined;

  constructor(network: FakeWitnessNetwork, self: NodeName, listen: readonly string[]) {
    this.#network = network;
    this.self = self;
    this.listen = listen;
  }

  start(onEvent: (event: WitnessEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    this.#network.add(this);
    return Promise.resolve();
  }

  peers(list: readonly WitnessPeer[]): void {
    this.#addresses.clear();
    for (const { node, addresses } of list) if (node !== this.self) this.#addresses.set(node, addresses);
  }

  send(to: NodeName, message: WitnessMessage): void {
    if (message.kind === 'confirm-request') {
      const addresses = this.#addresses.get(to) ?? [];
      if (addresses.length > 0) this.#asked.add(`${to} ${message.sequence}`);
      for (const address of addresses) this.#network.ask(this, to, address, message);
    } else {
      for (const way of this.#open.get(keyOf(message)) ?? []) this.#network.answer(this.self, way, message);
      this.#open.delete(keyOf(message));
    }
  }

  stop(): Promise<void> {
    this.#onEvent = () => undefined;
    this.#network.remove(this);
    this.#addresses.clear();
    return Promise.resolve();
  }

  hearQuestion(question: Question, way: Way): void {
    const ways = this.#open.get(keyOf(question));
    if (ways) {
      ways.push(way);
      return;
    }
    this.#open.set(keyOf(question), [way]);
    this.#onEvent({ kind: 'message', from: question.node, message: question });
  }

  hearAnswer(from: NodeName, answer: Answer): void {
    const known = this.#addresses.has(from) && this.#asked.delete(`${from} ${answer.sequence}`);
    if (known) this.#onEvent({ kind: 'message', from, message: answer });
  }
}

const keyOf = ({ node, lease, sequence }: Question | Answer): string =>
  `${node} ${lease.incarnation} ${lease.epoch} ${sequence}`;
