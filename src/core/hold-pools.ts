/** Who confirms and bars in pools with `onQuorumLoss: Hold`: what the master tells nodes of it (failure model: Hold). */
import type { NodeName } from './ids.ts';
import { allMembers, membersIn, type NodeRecords } from './membership.ts';
import type { AssignedVip, HoldPool, HoldRight, PoolMember } from './messages.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
import type { Pool } from './pool.ts';

export const isHold = ({ onQuorumLoss }: Pool): boolean => onQuorumLoss === 'Hold';

/** The pool as its holders are told of it. */
export const holdPool = ({ name }: Pool, members: readonly NodeName[], nodes: NodeTable): HoldPool => ({
  name,
  members: members.map((node): PoolMember => ({ node, addresses: addressesOf(nodes.get(node)) })),
});

/** The rights that are given now. */
export const currentRights = (pools: readonly Pool[], records: NodeRecords, nodes: NodeTable): readonly HoldRight[] => {
  const holding = pools.filter(isHold);
  const all = holding.length === 0 ? [] : allMembers(records, nodes);
  return holding.map((pool) => ({ pool: pool.name, members: membersIn(pool, all) }));
};

/** Those of which the node is to hold something. */
export const holdPoolsOf = (pools: readonly HoldPool[], vips: Iterable<AssignedVip>): readonly HoldPool[] => {
  if (pools.length === 0) return pools;
  const used = new Set([...vips].map(({ pool }) => pool));
  return pools.filter(({ name }) => used.has(name));
};

interface Known {
  readonly witnessAddress: string;
  readonly addresses: readonly string[];
}

/** Every decision asks for them, and a node tells of its interfaces seldom. */
const knownAddresses = new WeakMap<NodeEntry['interfaces'], Known>();

function addressesOf(entry: NodeEntry | undefined): readonly string[] {
  if (!entry || entry.witnessAddress === '') return [];
  const { witnessAddress, interfaces } = entry;
  const known = knownAddresses.get(interfaces);
  if (known?.witnessAddress === witnessAddress) return known.addresses;
  const addresses = witnessAddresses(entry);
  knownAddresses.set(interfaces, { witnessAddress, addresses });
  return addresses;
}

/** On the management network, and with the same port on each service network. */
function witnessAddresses(entry: NodeEntry): readonly string[] {
  const port = entry.witnessAddress.slice(entry.witnessAddress.lastIndexOf(':'));
  const hosts = entry.interfaces.flatMap(({ addresses }) => addresses.map((cidr) => cidr.replace(/\/.*$/, '')));
  const usable = hosts.filter((host) => !/^fe80:/i.test(host));
  const service = usable.map((host) => `${host.includes(':') ? `[${host}]` : host}${port}`);
  return [...new Set([entry.witnessAddress, ...service])];
}
