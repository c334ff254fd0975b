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
  /** Somebody else answers for or announces a VIP that is bound here or was probed a moment ago. */
  | { readonly kind: 'claimed'; readonly vip: VipAddress; readonly interface: string; readonly mac: string }
  /** Another host asks by an ARP probe or a neighbour solicitation from `::` who has this VIP, which is bound here. */
  | { readonly kind: 'asked'; readonly vip: VipAddress; readonly interface: string; readonly mac: string }
  /** A neighbour that was asked answers. */
  | { readonly kind: 'answered'; readonly interface: string; readonly address: string }
  /** Events were lost: read `marked()` again. */
  | { readonly kind: 'overflow' };

/** Addresses on one interface, in canonical text. */
export interface NeighbourQuestions {
  readonly interface: string;
  readonly addresses: readonly string[];
}

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
  /**
   * Asks the network who has these VIPs: ARP probe (RFC 5227, sender 0.0.0.0), neighbour solicitation from `::` (RFC 4862).
   * Answers come as `claimed`. Returns once the questions are sent; changes nobody's neighbour table.
   */
  probe(addresses: readonly MarkedAddress[]): void;
  /**
   * Asks each of these neighbours and the default gateway of each interface whether they are there: ARP request or
   * neighbour solicitation from the host's own address, never from a VIP. Answers come as `answered`. Returns once the
   * questions are sent, and who was asked; an interface without carrier or that sends nothing is left out. Never throws.
   */
  askNeighbours(questions: readonly NeighbourQuestions[]): readonly NeighbourQuestions[];
  /**
   * Ends the connections of VIPs that are not here any more: entries of connection tracking and local sockets, as far
   * as the kernel has them. Never throws; says how many of each were ended. On a host with so many that looking at them
   * all would hold up this process, the work goes on after the return, except for VIPs that are put again.
   */
  dropConnections(vips: readonly VipAddress[]): { readonly tracked: number; readonly sockets: number };
  stop(): void;
}
