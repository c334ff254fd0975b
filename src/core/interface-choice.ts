import type { VipAddress } from './ids.ts';
import { parseCidr, parseIp, subnetContains } from './ip.ts';
import type { InterfaceState } from './messages.ts';
import type { InterfaceSelector } from './pool.ts';

/** The interface of a node that shall carry the VIP, whether it has a carrier or not; undefined where none matches. */
export function chooseInterface(
  selector: InterfaceSelector,
  interfaces: readonly InterfaceState[],
  vip: VipAddress,
): InterfaceState | undefined {
  const usable = (candidates: readonly InterfaceState[]): InterfaceState | undefined =>
    candidates.find((candidate) => candidate.carrier) ?? candidates[0];
  switch (selector.kind) {
    case 'names':
      return usable(selector.names.flatMap((name) => interfaces.find((candidate) => candidate.name === name) ?? []));
    case 'matchSubnet':
      return usable(interfaces.filter((candidate) => hasSubnetOf(candidate, vip)));
  }
}

function hasSubnetOf(candidate: InterfaceState, vip: VipAddress): boolean {
  const ip = parseIp(vip);
  if (!ip) return false;
  return candidate.addresses.some((address) => {
    const subnet = parseCidr(address);
    return subnet !== undefined && subnetContains(subnet, ip);
  });
}
