/** What is known of the two networks of a pool's nodes, for people. */
import type { PoolVerdict } from '../condition-table.ts';
import type { NodeName } from '../ids.ts';
import { type Member, membersIn } from '../membership.ts';
import { silentOn } from '../neighbours.ts';
import { hungUp, isHeard, type NodeEntry, type NodeTable } from '../node-table.ts';
import type { Pool } from '../pool.ts';
import { mayCarry } from '../pool-interfaces.ts';
import { Reason } from '../reasons.ts';

/** Nodes that are named; the number tells of the rest. */
const NAMED = 5;

/** Who there is, and what is known of them. */
export interface NetworkWorld {
  /** Nodes that are up and nodes on record, in order of name. */
  readonly members: readonly Member[];
  readonly nodes: NodeTable;
  /** Nodes that answer no multicast of the master, while others do. */
  readonly mute: ReadonlySet<NodeName>;
  /** Whether a node is missed of which this controller has never heard. */
  readonly isMissed: (node: NodeName) => boolean;
}

/** Conditions of one pool. */
export function networkVerdicts(pool: Pool, world: NetworkWorld): readonly PoolVerdict[] {
  const names = membersIn(pool, world.members);
  return [membersUnreachable(names, world), serviceNetworkFaulty(pool, names, world.nodes)];
}

/** Nodes that do not answer on the management network, and whether they are alive on the other one. */
function membersUnreachable(names: readonly NodeName[], { nodes, mute, isMissed }: NetworkWorld): PoolVerdict {
  const type = 'MembersUnreachable';
  const silent = names.filter((node) => {
    const entry = heard(nodes, node);
    return entry ? entry.gone === 'lease-ended' || mute.has(node) : isMissed(node);
  });
  if (silent.length === 0) {
    const message = 'every node of this pool answers on the management network';
    return { type, status: 'False', reason: Reason.MembersAnswer, message };
  }
  const named = silent.map((node) => `${node} (${elsewhere(heard(nodes, node), nodes)})`);
  const message = `silent on the management network: ${listed(named)}`;
  return { type, status: 'True', reason: Reason.MembersSilent, message };
}

const heard = (nodes: NodeTable, node: NodeName): NodeEntry | undefined => {
  const entry = nodes.get(node);
  return entry && isHeard(entry) ? entry : undefined;
};

function elsewhere(entry: NodeEntry | undefined, nodes: NodeTable): string {
  if (!entry) return 'not heard since this controller began';
  if (entry.gone === 'no') return 'its heartbeats arrive: only multicast is lost';
  const witness = witnessOf(entry, nodes);
  if (!witness) return 'does not answer on the service network';
  return hungUp(entry)
    ? `its agent ended the connection, and the host answers ${witness.node} on the service network`
    : `alive: answers ${witness.node} on the service network`;
}

/** Undefined: it answers nobody. */
export function answersElsewhere(entry: NodeEntry, nodes: NodeTable): string | undefined {
  const witness = entry.gone === 'lease-ended' ? witnessOf(entry, nodes) : undefined;
  if (!witness) return undefined;
  const said = `no heartbeat arrives, but ${witness.address} answers ${witness.node} on the service network`;
  return hungUp(entry)
    ? `${said}, and the agent ended its connection: see to the agent, and where it runs, to the management network`
    : `${said}: either its management network is down, or its agent hangs, which looks the same from here. ` +
        'Ping its management address: without an answer look at NIC, cable and switch port, else restart its agent';
}

/** Somebody whom the lost node answers on the service network. */
function witnessOf(
  entry: NodeEntry,
  nodes: NodeTable,
): { readonly node: NodeName; readonly address: string } | undefined {
  const own = new Set(entry.interfaces.flatMap(({ addresses }) => addresses.map((text) => text.replace(/\/.*$/, ''))));
  for (const other of nodes.values()) {
    const address = other.gone === 'no' ? other.answering.find((item) => own.has(item)) : undefined;
    if (address !== undefined) return { node: other.node, address };
  }
  return undefined;
}

/** Nodes that reach nobody on the service network. */
function serviceNetworkFaulty(pool: Pool, names: readonly NodeName[], nodes: NodeTable): PoolVerdict {
  const type = 'ServiceNetworkFaulty';
  const live = names.flatMap((node) => heard(nodes, node) ?? []).filter(({ gone }) => gone === 'no');
  const silent = live.flatMap((entry) => {
    const names = silentIn(pool, entry);
    return names.length === 0 ? [] : [`${entry.node} (${names.join(', ')})`];
  });
  if (silent.length === 0) {
    const message = 'no node of this pool has lost the service network';
    return { type, status: 'False', reason: Reason.ServiceReachable, message };
  }
  if (silent.length === live.length) {
    const message = `no node reaches anybody on the service network (${listed(silent)}): look at the switch; VIPs stay where they are`;
    return { type, status: 'True', reason: Reason.ServiceDown, message };
  }
  const message = `nobody answers ${listed(silent)} any more: look at cable, switch port and VLAN; VIPs go to nodes that are answered`;
  return { type, status: 'True', reason: Reason.ServiceUnreachable, message };
}

function silentIn(pool: Pool, { reach, interfaces }: NodeEntry): readonly string[] {
  const silent = silentOn(reach);
  if (silent.size === 0) return [];
  return interfaces.filter((link) => silent.has(link.name) && mayCarry(pool, link, interfaces)).map(({ name }) => name);
}

const listed = (items: readonly string[]): string => {
  const rest = items.length - NAMED;
  return items.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
};
