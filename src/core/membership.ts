/** Which nodes belong to a pool. */
import type { NodeName } from './ids.ts';
import type { NodeRecord } from './manifest.ts';
import type { Labels } from './node-labels.ts';
import { isHeard, type NodeTable } from './node-table.ts';
import { matchesSelector, type Pool } from './pool.ts';

export interface Member {
  readonly node: NodeName;
  readonly labels: Labels;
}

/** Nodes on record with their labels. */
export type NodeRecords = ReadonlyMap<NodeName, Labels>;

/** Nodes that were ever heard of: one that is only declared is on record, and no member of any pool. */
export const recordedLabels = (nodes: readonly NodeRecord[]): NodeRecords =>
  new Map(nodes.flatMap(({ name, status }) => (status?.labels ? [[name, status.labels] as const] : [])));

/** Undefined: nobody knows such a node. */
export function memberLabels(node: NodeName, records: NodeRecords, nodes: NodeTable): Member['labels'] | undefined {
  const known = records.get(node);
  const entry = nodes.get(node);
  const isKnown = known !== undefined || entry?.gone === 'no';
  return isKnown && entry && isHeard(entry) ? entry.labels : known;
}

/** Nodes that are up, and those on record: removing the record of a lost node makes the pools forget it. */
export function allMembers(records: NodeRecords, nodes: NodeTable): readonly Member[] {
  const members = new Map<NodeName, Member>();
  for (const [node, labels] of records) {
    members.set(node, { node, labels: memberLabels(node, records, nodes) ?? labels });
  }
  for (const entry of nodes.values()) {
    if (entry.gone === 'no' && isHeard(entry)) members.set(entry.node, { node: entry.node, labels: entry.labels });
  }
  return [...members.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
}

export const membersIn = (pool: Pool, members: readonly Member[]): readonly NodeName[] =>
  members.filter(({ labels }) => matchesSelector(pool, labels)).map(({ node }) => node);
