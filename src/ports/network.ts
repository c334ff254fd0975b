import type { VipAddress } from '../core/ids.ts';
import type { InterfaceState } from '../core/messages.ts';

export interface MarkedAddress {
  readonly vip: VipAddress;
  readonly interface: string;
  readonly prefixLength: number;
}

export interface AddressError {
  readonly address: MarkedAddress;
  /** Kernel error code ("EEXIST", "ENODEV", ...). */
  readonly code: string;
}

export type NetworkEvent =
  /** Some link or one of the host's own addresses changed. */
  | { readonly kind: 'interfaces'; readonly interfaces: readonly InterfaceState[] }
  /** An address that carries our mark appeared or went away, whoever did it. */
  | { readonly kind: 'address-added' | 'address-removed'; readonly address: MarkedAddress }
  /** Events were lost: read `marked()` again. */
  | { readonly kind: 'overflow' };

/**
 * The host's addresses on the service interfaces that this agent may touch. Every call is synchronous and complete
 * when it returns. An address without our mark is never changed.
 */
export interface Network {
  start(onEvent: (event: NetworkEvent) => void): void;
  interfaces(): readonly InterfaceState[];
  /** Addresses on these interfaces that carry our mark. */
  marked(): readonly MarkedAddress[];
  /** Adds addresses or extends their lifetime. `AddressInUse` (code EEXIST): somebody else's address is there already. */
  put(addresses: readonly MarkedAddress[]): readonly AddressError[];
  /** Removes marked addresses; one that is not there is no error. */
  remove(addresses: readonly MarkedAddress[]): readonly AddressError[];
  /** Tells the network at once that these VIPs are here: gratuitous ARP request and reply, or unsolicited NA. */
  announce(addresses: readonly MarkedAddress[]): void;
  stop(): void;
}
