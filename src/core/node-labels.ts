/** Which labels a node has: those of its agent's configuration, and before them those that the cluster gives its host. */
import type { NodeName } from './ids.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';

export type Labels = Readonly<Record<string, string>>;

/** What the cluster says of its hosts. A host that is not in it has none. */
export type HostLabels = ReadonlyMap<NodeName, Labels>;

/** Whoever may label hosts decides, not the configuration that all agents share. */
export const labelsOf = (own: Labels, ofHost: Labels | undefined): Labels => (ofHost ? { ...own, ...ofHost } : own);

/** The table with the labels that are known now; an entry, and its labels, stay the same object where nothing changes. */
export function relabelled(nodes: NodeTable, hosts: HostLabels | undefined): NodeTable {
  const changed: NodeEntry[] = [];
  for (const entry of nodes.values()) {
    const labels = labelsOf(entry.ownLabels, hosts?.get(entry.node));
    if (!areSameLabels(labels, entry.labels)) changed.push({ ...entry, labels });
  }
  return changed.length === 0 ? nodes : new Map([...nodes, ...changed.map((entry) => [entry.node, entry] as const)]);
}

export function areSameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
