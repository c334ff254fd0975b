/** Who asks whom on the service network: nodes stand in a ring, so that each is asked by a few and nobody by all. */
import type { NodeName } from './ids.ts';
import { type Ip, parseCidr, parseIp, subnetRange } from './ip.ts';
import type { InterfaceState } from './messages.ts';
import { MAX_NEIGHBOURS, type Neighbours } from './neighbours.ts';
import { isHeard, type NodeEntry, type NodeTable } from './node-table.ts';
import { matchesSelector, type Pool } from './pool.ts';

/** How many nodes look after a lost one. */
const WATCHERS = 2;

/** Nodes by name that were ever heard and did not leave in order. */
export type Ring = readonly RingNode[];

interface RingNode extends Pick<NodeEntry, 'node' | 'labels' | 'interfaces'> {
  readonly isLost: boolean;
  readonly links: readonly Link[];
}

interface Link {
  readonly name: string;
  readonly subnets: readonly Subnet[];
}

interface Subnet {
  readonly first: Ip;
  readonly last: Ip;
  /** The address of the host in it; undefined where it is good for this link alone. */
  readonly own: { readonly text: string; readonly ip: Ip } | undefined;
}

/** @returns `before` where nothing differs that decides who asks whom */
export function nextRing(before: Ring, nodes: NodeTable): Ring {
  const known = new Map(before.map((item) => [item.node, item]));
  const ring = [...nodes.values()]
    .filter((entry) => isHeard(entry) && entry.gone !== 'said-goodbye')
    .map((entry) => ringNode(known.get(entry.node), entry))
    .sort((a, b) => (a.node < b.node ? -1 : 1));
  return ring.length === before.length && ring.every((item, i) => item === before[i]) ? before : ring;
}

function ringNode(before: RingNode | undefined, { node, gone, labels, interfaces }: NodeEntry): RingNode {
  const isLost = gone !== 'no';
  const links = before?.interfaces === interfaces ? before.links : interfaces.map(linkOf);
  const isSame = before?.isLost === isLost && before.labels === labels && before.interfaces === interfaces;
  return isSame ? before : { node, labels, interfaces, isLost, links };
}

const linkOf = ({ name, addresses }: InterfaceState): Link => ({
  name,
  subnets: addresses.flatMap((text) => {
    const subnet = parseCidr(text);
    const address = text.replace(/\/.*$/, '');
    const own = subnet && !/^fe80:/i.test(address) ? { text: address, ip: subnet.base } : undefined;
    return subnet ? [{ ...subnetRange(subnet), own }] : [];
  }),
});

/** By node; what no pool uses is left out. */
export function neighboursOf(ring: Ring, pools: readonly Pool[]): ReadonlyMap<NodeName, readonly Neighbours[]> {
  const found = new Map<NodeName, Map<string, Found>>();
  // Most pools are on the same interfaces of the same nodes.
  const different = new Map(pools.map((pool) => [membershipOf(pool), pool]));
  for (const pool of different.values()) {
    const carries = carrying(pool);
    const members = ring
      .filter(({ labels }) => matchesSelector(pool, labels))
      .map(({ node, isLost, links }): Member => ({ node, isLost, links: carries(links) }));
    for (const [index, member] of members.entries()) {
      if (member.isLost) watch(member, members, index, found);
      else askPeers(member, members, index, found);
    }
  }
  return new Map([...found].map(([node, byInterface]) => [node, [...byInterface].map(neighboursOn)]));
}

const membershipOf = ({ name, interface: selector, nodeSelector }: Pool): string =>
  JSON.stringify(selector.kind === 'names' ? [selector.names, nodeSelector] : name);

type Member = Pick<RingNode, 'node' | 'isLost' | 'links'>;

interface Found {
  readonly peers: Set<string>;
  readonly watched: Set<string>;
}

type FoundByNode = Map<NodeName, Map<string, Found>>;

const neighboursOn = ([name, { peers, watched }]: [string, Found]): Neighbours => ({
  interface: name,
  peers: [...peers],
  watched: [...watched],
});

function foundFor(found: FoundByNode, node: NodeName, link: Link): Found {
  const byInterface = found.get(node) ?? new Map<string, Found>();
  found.set(node, byInterface);
  const asked = byInterface.get(link.name) ?? { peers: new Set(), watched: new Set() };
  byInterface.set(link.name, asked);
  return asked;
}

/** Each node asks those that come next. */
function askPeers({ node, links }: Member, members: readonly Member[], index: number, found: FoundByNode): void {
  for (const link of links) {
    const { peers } = foundFor(found, node, link);
    for (let step = 1; step < members.length && peers.size < MAX_NEIGHBOURS; step++) {
      const other = members[(index + step) % members.length];
      const address = other && !other.isLost ? addressOn(link, other.links) : undefined;
      if (address !== undefined) peers.add(address);
    }
  }
}

/** The next nodes that are up look after one that is lost. */
function watch({ links }: Member, members: readonly Member[], index: number, found: FoundByNode): void {
  let watchers = 0;
  for (let step = 1; step < members.length && watchers < WATCHERS; step++) {
    const other = members[(index + step) % members.length];
    if (!other || other.isLost) continue;
    for (const link of other.links) {
      const address = addressOn(link, links);
      if (address === undefined) continue;
      const { watched } = foundFor(found, other.node, link);
      if (watched.size >= MAX_NEIGHBOURS) continue;
      watched.add(address);
      watchers++;
      break;
    }
  }
}

/** Picks the links on which VIPs of the pool can be. */
function carrying({ interface: selector, vips }: Pool): (links: readonly Link[]) => readonly Link[] {
  if (selector.kind === 'names') {
    return (links) => links.filter(({ name }) => selector.names.includes(name));
  }
  const ips = vips.flatMap((vip) => parseIp(vip) ?? []);
  return (links) => links.filter(({ subnets }) => subnets.some((subnet) => ips.some((ip) => contains(subnet, ip))));
}

/** An address of another node that is on the same link. */
function addressOn({ subnets }: Link, others: readonly Link[]): string | undefined {
  for (const other of others) {
    for (const { own } of other.subnets) {
      if (own && subnets.some((subnet) => contains(subnet, own.ip))) return own.text;
    }
  }
  return undefined;
}

const contains = ({ first, last }: Subnet, { family, value }: Ip): boolean =>
  first.family === family && first.value <= value && value <= last.value;
