import { type Ip, parseIp, type Subnet, subnetContains } from '../../core/ip.ts';
import type { AddressError, MarkedAddress } from '../../ports/network.ts';
import type { HostState } from './host-state.ts';
import type { AddressTarget } from './rtnetlink-address.ts';

/** What an agent may touch. */
export interface Permission {
  readonly interfaces: readonly string[];
  readonly allowedAddresses: readonly Subnet[];
}

export interface PlannedAddress extends AddressTarget {
  readonly address: MarkedAddress;
  /** There already, with our mark. */
  readonly present: boolean;
}

export interface AddressPlan {
  readonly planned: readonly PlannedAddress[];
  readonly errors: readonly AddressError[];
}

/**
 * Which of these addresses to add or refresh, and why not the others: EPERM (interface or address not permitted),
 * ENODEV (no such interface), EINVAL (no address), EEXIST (on this interface already, without our mark).
 */
export function planPut(state: HostState, addresses: readonly MarkedAddress[], permission: Permission): AddressPlan {
  const planned: PlannedAddress[] = [];
  const errors: AddressError[] = [];
  for (const address of addresses) {
    const ip = parseIp(address.vip);
    const link = state.linkNamed(address.interface);
    if (!ip) {
      errors.push({ address, code: 'EINVAL' });
    } else if (!permits(permission, address.interface, ip)) {
      errors.push({ address, code: 'EPERM' });
    } else if (!link) {
      errors.push({ address, code: 'ENODEV' });
    } else if (state.foreignEntry(link.ifindex, address.vip)) {
      errors.push({ address, code: 'EEXIST' });
    } else {
      const { prefixLength } = address;
      const present = state.markedEntry(link.ifindex, address.vip, prefixLength) !== undefined;
      planned.push({ address, ifindex: link.ifindex, ip, prefixLength, present });
    }
  }
  return { planned, errors };
}

const permits = ({ interfaces, allowedAddresses }: Permission, name: string, ip: Ip): boolean =>
  interfaces.includes(name) && allowedAddresses.some((subnet) => subnetContains(subnet, ip));

/**
 * Which of these addresses to remove: those that are there with our mark, on an interface that we may touch. Also
 * addresses that are no longer allowed, which a changed configuration may leave behind.
 */
export function planRemove(
  state: HostState,
  addresses: readonly MarkedAddress[],
  { interfaces }: Permission,
): readonly PlannedAddress[] {
  return addresses.flatMap((address) => {
    const ip = parseIp(address.vip);
    const link = interfaces.includes(address.interface) ? state.linkNamed(address.interface) : undefined;
    if (!ip || !link || !state.markedEntry(link.ifindex, address.vip, address.prefixLength)) return [];
    return [{ address, ifindex: link.ifindex, ip, prefixLength: address.prefixLength, present: true }];
  });
}
