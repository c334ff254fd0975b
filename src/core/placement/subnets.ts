/** Which nodes have the subnet of a VIP, for pools whose interfaces are chosen by subnet. */
import type { NodeName, VipAddress } from '../ids.ts';
import { type Ip, parseCidr, parseIp, subnetRange } from '../ip.ts';
import { isReady, type NodeTable } from '../node-table.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';

export type Addresses = ReadonlyMap<VipAddress, Ip>;

/** Empty where the interface is chosen by name. */
export function parseAddresses(pool: Pool): Addresses {
  const addresses = new Map<VipAddress, Ip>();
  if (pool.interface.kind === 'names') return addresses;
  for (const vip of pool.vips) {
    const ip = parseIp(vip);
    if (ip) addresses.set(vip, ip);
  }
  return addresses;
}

interface Range {
  readonly first: Ip;
  readonly last: Ip;
}

const EVERYTHING: readonly Range[] = [
  { first: { family: 4, value: 0n }, last: { family: 4, value: (1n << 32n) - 1n } },
  { first: { family: 6, value: 0n }, last: { family: 6, value: (1n << 128n) - 1n } },
];

/** `chooseInterface` by subnet, many times over: each address and each interface is parsed once. */
export function subnetObstacle(
  addresses: Addresses,
  nodes: NodeTable,
): (node: NodeName, vip: VipAddress) => Reason | undefined {
  const ranges = new Map<NodeName, readonly Range[]>();
  const rangesOf = (node: NodeName): readonly Range[] => {
    const entry = nodes.get(node);
    // Of a node that is merely quiet nothing is concluded.
    if (!entry || !isReady(entry)) return EVERYTHING;
    const linked = entry.interfaces.filter(({ carrier }) => carrier);
    return linked.flatMap((item) => item.addresses.flatMap((text) => rangeOf(text)));
  };
  return (node, vip) => {
    const own = ranges.get(node) ?? rangesOf(node);
    ranges.set(node, own);
    const ip = addresses.get(vip);
    return ip && own.some((range) => contains(range, ip)) ? undefined : Reason.InterfaceDown;
  };
}

function rangeOf(text: string): readonly Range[] {
  const subnet = parseCidr(text);
  return subnet ? [subnetRange(subnet)] : [];
}

const contains = ({ first, last }: Range, { family, value }: Ip): boolean =>
  first.family === family && first.value <= value && value <= last.value;
