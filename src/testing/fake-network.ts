import type { VipAddress } from '../core/ids.ts';
import type { InterfaceState } from '../core/messages.ts';
import type { AddressError, MarkedAddress, NeighbourQuestions, Network, NetworkEvent } from '../ports/network.ts';

/** The interfaces of a host in memory. Like the kernel's, its events come after the call that caused them, if at all. */
export class FakeNetwork implements Network {
  readonly addresses = new Map<VipAddress, MarkedAddress>();
  links: readonly InterfaceState[] = [
    { name: 's0', mac: '02:00:00:00:00:01', carrier: true, addresses: ['192.0.2.250/24'] },
  ];
  /** VIP -> code: what cannot be put or removed. */
  readonly refuses = new Map<string, string>();
  /** VIP -> MAC: who answers probes. */
  readonly rivals = new Map<VipAddress, string>();
  readonly #answers: NetworkEvent[] = [];
  /** Every call that changes or announces something, as text. */
  readonly #trace: (line: string) => void;
  #onEvent: (event: NetworkEvent) => void = () => undefined;

  constructor(trace: (line: string) => void) {
    this.#trace = trace;
  }

  start(onEvent: (event: NetworkEvent) => void): void {
    this.#onEvent = onEvent;
    this.#trace('network start');
  }

  stop(): void {
    this.#trace('network stop');
  }

  /** Reports an event, as the kernel does. */
  report(event: NetworkEvent): void {
    this.#onEvent(event);
  }

  interfaces(): readonly InterfaceState[] {
    return this.links;
  }

  marked(): readonly MarkedAddress[] {
    return [...this.addresses.values()];
  }

  put(addresses: readonly MarkedAddress[]): readonly AddressError[] {
    this.#trace(`put ${list(addresses)}`);
    return this.#each(addresses, (address) => this.addresses.set(address.vip, address));
  }

  remove(addresses: readonly MarkedAddress[]): readonly AddressError[] {
    this.#trace(`remove ${list(addresses)}`);
    return this.#each(addresses, ({ vip }) => this.addresses.delete(vip));
  }

  announce(addresses: readonly MarkedAddress[]): void {
    this.#trace(`announce ${list(addresses)}`);
  }

  /** Asks all of them; nobody answers. */
  askNeighbours(questions: readonly NeighbourQuestions[]): readonly NeighbourQuestions[] {
    for (const { interface: name, addresses } of questions) this.#trace(`ask ${addresses.join(' ')} on ${name}`);
    return questions;
  }

  probe(addresses: readonly MarkedAddress[]): void {
    this.#trace(`probe ${list(addresses)}`);
    for (const { vip, interface: name } of addresses) {
      const mac = this.rivals.get(vip);
      if (mac !== undefined) this.#answers.push({ kind: 'claimed', vip, interface: name, mac });
    }
  }

  /** Reports the answers to the probes so far, as the network does a moment later. */
  answerProbes(): void {
    for (const event of this.#answers.splice(0)) this.#onEvent(event);
  }

  dropConnections(vips: readonly VipAddress[]): { readonly tracked: number; readonly sockets: number } {
    this.#trace(`drop connections ${vips.join(' ')}`);
    return { tracked: 0, sockets: 0 };
  }

  #each(addresses: readonly MarkedAddress[], act: (address: MarkedAddress) => unknown): AddressError[] {
    const errors: AddressError[] = [];
    for (const address of addresses) {
      const code = this.refuses.get(address.vip);
      if (code === undefined) act(address);
      else errors.push({ address, code });
    }
    return errors;
  }
}

const list = (addresses: readonly MarkedAddress[]): string => addresses.map(({ vip }) => vip).join(' ');
