/** Which nodes have the subnet of a VIP, for pools whose interfaces are chosen by subnet. */
import type { NodeName, VipAddress } from '../ids.ts';
import { type Ip, parseCidr, parseIp, subnetRange } from '../ip.ts';
import type { ReachState } from '../neighbours.ts';
import { isReady, type NodeEntry, type NodeTable } from '../node-table.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import type { PlaceNode } from './board.ts';
import { isWell, reachOn, takersAmong } from './cut-off.ts';

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

interface LinkRange {
  readonly first: Ip;
  readonly last: Ip;
  readonly state: ReachState | undefined;
}

const EVERYTHING: readonly LinkRange[] = [
  { first: { family: 4, value: 0n }, last: { family: 4, value: (1n << 32n) - 1n }, state: undefined },
  { first: { family: 6, value: 0n }, last: { family: 6, value: (1n << 128n) - 1n }, state: undefined },
];

/** `chooseInterface` by subnet, many times over: each address and each interface is parsed once. */
export function subnetObstacle(
  addresses: Addresses,
  nodes: NodeTable,
  candidates: readonly PlaceNode[],
): (node: NodeName, vip: VipAddress) => Reason | undefined {
  const ranges = new Map<NodeName, readonly LinkRange[]>();
  const rangesOf = (node: NodeName): readonly LinkRange[] => {
    const known = ranges.get(node) ?? readRanges(nodes.get(node));
    ranges.set(node, known);
    return known;
  };
  const takers = takersAmong(candidates);
  const elsewhere = new Map<string, boolean>();
  /** Whether another node can take what is in the subnet, and reaches somebody there. */
  const isElsewhere = ({ first }: LinkRange, ip: Ip): boolean => {
    const key = `${first.family} ${first.value}`;
    const known = elsewhere.get(key);
    if (known !== undefined) return known;
    const is = takers.some(({ node }) => rangesOf(node).some((range) => contains(range, ip) && isWell(range.state)));
    elsewhere.set(key, is);
    return is;
  };
  return (node, vip) => {
    const ip = addresses.get(vip);
    const own = ip ? rangesOf(node).filter((range) => contains(range, ip)) : [];
    const [first] = own;
    if (!ip || !first) return Reason.InterfaceDown;
    const isSilent = own.every(({ state }) => state === 'Silent');
    return isSilent && isElsewhere(first, ip) ? Reason.ServiceUnreachable : undefined;
  };
}

function readRanges(entry: NodeEntry | undefined): readonly LinkRange[] {
  // Of a node that is merely quiet nothing is concluded.
  if (!entry || !isReady(entry)) return EVERYTHING;
  const linked = entry.interfaces.filter(({ carrier }) => carrier);
  return linked.flatMap(({ name, addresses }) => {
    const state = reachOn(entry, name);
    return addresses.flatMap((text) => {
      const subnet = parseCidr(text);
      return subnet ? [{ ...subnetRange(subnet), state }] : [];
    });
  });
}

const contains = ({ first, last }: LinkRange, { family, value }: Ip): boolean =>
  first.family === family && first.value <= value && value <= last.value;
