/** Pools whose interface the nodes do not have, for people. */
import type { Verdict } from '../conditions.ts';
import { chooseInterface } from '../interface-choice.ts';
import { isHeard, type NodeEntry, type NodeTable } from '../node-table.ts';
import { matchesSelector, type Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';

/** Nodes that are named; the number tells of the rest. */
const NAMED = 5;

/** What keeps the VIPs of a pool from every node, as far as it is the selector or the interface. */
export function whyNobody(pool: Pool, nodes: NodeTable): string | undefined {
  const live = [...nodes.values()].filter((entry) => isHeard(entry) && entry.gone === 'no');
  const own = live.filter(({ labels }) => matchesSelector(pool, labels));
  if (own.length === 0) {
    const labels = Object.entries(pool.nodeSelector).map(([key, value]) => `${key}=${value}`);
    return live.length === 0 || labels.length === 0
      ? 'no agent is there: start one on each node'
      : `no node has the labels of spec.nodeSelector (${labels.join(', ')}): label nodes, or write what they have`;
  }
  const lacking = own.filter((entry) => lacks(pool, entry));
  if (lacking.length < own.length) return undefined;
  if (pool.interface.kind === 'names') return `no node has the interface: ${advice(pool.interface.names, lacking)}`;
  const known = namesOf(own);
  return `no interface of the nodes (${known.length === 0 ? 'they have none' : known.join(', ')}) has an address in the subnet of the VIPs: give nodes one, or write spec.interface.names`;
}

/** Some nodes can never hold a VIP of the pool, and others can. */
export function interfaceMissing(pool: Pool, nodes: NodeTable): Verdict | undefined {
  if (pool.interface.kind !== 'names') return undefined;
  const own = [...nodes.values()].filter(
    (entry) => isHeard(entry) && entry.gone === 'no' && matchesSelector(pool, entry.labels),
  );
  const lacking = own.filter((entry) => lacks(pool, entry));
  if (lacking.length === 0 || lacking.length === own.length) return undefined;
  const shown = lacking.slice(0, NAMED).map(({ node }) => node);
  const more = lacking.length - shown.length;
  const who = more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
  const message = `no VIP can be on ${who}: ${advice(pool.interface.names, lacking)}`;
  return { type: 'Degraded', status: 'True', reason: Reason.InterfaceMissing, message };
}

/** An agent reports no interface before its first message about them. */
function lacks({ interface: choice, vips: [vip] }: Pool, { interfaces, healthNumber }: NodeEntry): boolean {
  return healthNumber > 0 && vip !== undefined && chooseInterface(choice, interfaces, vip) === undefined;
}

function advice(names: readonly string[], lacking: readonly NodeEntry[]): string {
  const known = namesOf(lacking);
  const instead = known.length === 0 ? 'another one' : known.join(' or ');
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not there: write ${instead} in spec.interface.names, or start the agents with --interfaces=${names.join(',')}`;
}

const namesOf = (nodes: readonly NodeEntry[]): string[] =>
  [...new Set(nodes.flatMap(({ interfaces }) => interfaces.map(({ name }) => name)))].sort().slice(0, NAMED);
