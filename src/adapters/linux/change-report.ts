import type { InterfaceState } from '../../core/messages.ts';
import type { MarkedAddress, NetworkEvent } from '../../ports/network.ts';

/**
 * Turns pictures of the host into events: each call compares with what was told before. What came and went in between
 * leaves no event.
 */
export class ChangeReport {
  #interfaces = '[]';
  #marked = new Map<string, MarkedAddress>();

  /** An event where the interfaces differ from those told last. */
  interfaces(now: readonly InterfaceState[]): NetworkEvent[] {
    const text = JSON.stringify(now);
    if (text === this.#interfaces) return [];
    this.#interfaces = text;
    return [{ kind: 'interfaces', interfaces: now }];
  }

  /** An event for each marked address that came or went; those that went first. */
  marked(now: readonly MarkedAddress[]): NetworkEvent[] {
    const before = this.#marked;
    this.#marked = new Map(now.map((address) => [keyOf(address), address]));
    const removed = [...before].filter(([key]) => !this.#marked.has(key));
    const added = [...this.#marked].filter(([key]) => !before.has(key));
    return [
      ...removed.map(([, address]): NetworkEvent => ({ kind: 'address-removed', address })),
      ...added.map(([, address]): NetworkEvent => ({ kind: 'address-added', address })),
    ];
  }
}

const keyOf = (address: MarkedAddress): string => `${address.interface} ${address.vip}/${address.prefixLength}`;
