/** What is known of the two networks of a pool's nodes, for people. */
import type { PoolVerdict } from '../condition-table.ts';
import type { NodeName } from '../ids.ts';
import { silentOn } from '../neighbours.ts';
import { hungUp, isHeard, type NodeEntry, type NodeTable } from '../node-table.ts';
import { matchesSelector, type Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';

/** Nodes that are named; the number tells of the rest. */
const NAMED = 5;

/** Conditions of one pool. `mute`: nodes that answer no multicast of the master, while others do. */
export function networkVerdicts(pool: Pool, nodes: NodeTable, mute: ReadonlySet<NodeName>): readonly PoolVerdict[] {
  const members = membersOf(pool, nodes);
  return [membersUnreachable(members, nodes, mute), serviceNetworkFaulty(pool, members)];
}

/** Nodes that do not answer on the management network, and whether they are alive on the other one. */
function membersUnreachable(members: readonly NodeEntry[], nodes: NodeTable, mute: ReadonlySet<NodeName>): PoolVerdict {
  const type = 'MembersUnreachable';
  const silent = members.filter(({ node, gone }) => gone === 'lease-ended' || mute.has(node));
  if (silent.length === 0) {
    const message = 'every node of this pool answers on the management network';
    return { type, status: 'False', reason: Reason.MembersAnswer, message };
  }
  const named = silent.map((entry) => `${entry.node} (${elsewhere(entry, nodes)})`);
  const message = `silent on the management network: ${listed(named)}`;
  return { type, status: 'True', reason: Reason.MembersSilent, message };
}

function elsewhere(entry: NodeEntry, nodes: NodeTable): string {
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
function serviceNetworkFaulty(pool: Pool, members: readonly NodeEntry[]): PoolVerdict {
  const type = 'ServiceNetworkFaulty';
  const live = members.filter(({ gone }) => gone === 'no');
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

function silentIn({ interface: selector }: Pool, { reach }: NodeEntry): readonly string[] {
  if (!reach.some(({ state }) => state === 'Silent')) return [];
  const silent = [...silentOn(reach)];
  return selector.kind === 'names' ? silent.filter((name) => selector.names.includes(name)) : silent;
}

const membersOf = (pool: Pool, nodes: NodeTable): readonly NodeEntry[] =>
  [...nodes.values()]
    .filter((entry) => isHeard(entry) && matchesSelector(pool, entry.labels))
    .sort((a, b) => (a.node < b.node ? -1 : 1));

const listed = (items: readonly string[]): string => {
  const rest = items.length - NAMED;
  return items.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
};
