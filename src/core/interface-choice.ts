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
  switch (selector.kind) {
    case 'names': {
      let first: InterfaceState | undefined;
      for (const name of selector.names) {
        const found = interfaces.find((candidate) => candidate.name === name);
        if (found?.carrier) return found;
        first ??= found;
      }
      return first;
    }
    case 'matchSubnet': {
      const own = interfaces.filter((candidate) => hasSubnetOf(candidate, vip));
      return own.find((candidate) => candidate.carrier) ?? own[0];
    }
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
