/** What administrators declare of single nodes, as the controller works on it: the last valid version of each. */
import type { NodeName } from '../ids.ts';
import type { NodeRecord } from '../manifest.ts';
import { NO_SETTINGS, parseNodeSettings, saysMaintenance, type NodeSettings } from '../node-settings.ts';
import type { Problem } from '../pool.ts';

export interface NodeSpec {
  /** As read last. */
  readonly spec: unknown;
  /** Of the newest valid version. */
  readonly settings: NodeSettings;
  /** What is wrong with the newest version. */
  readonly problems: readonly Problem[];
}

/** Nodes for which nothing is declared are not in it. */
export type NodeSpecs = ReadonlyMap<NodeName, NodeSpec>;

export function readNodeSpecs(before: NodeSpecs | undefined, nodes: readonly NodeRecord[]): NodeSpecs {
  const specs = new Map<NodeName, NodeSpec>();
  for (const { name, spec } of nodes) {
    if (spec === undefined || spec === null) continue;
    const known = before?.get(name);
    // A snapshot follows every status that is written, and sources keep what did not change.
    specs.set(name, known?.spec === spec ? known : readOne(spec, known));
  }
  return specs;
}

function readOne(spec: unknown, known: NodeSpec | undefined): NodeSpec {
  const parsed = parseNodeSettings(spec);
  if (parsed.ok) return { spec, settings: parsed.value, problems: [] };
  // Who has just started knows no earlier version; a host that is worked on is not given VIPs for a fault beside that.
  const settings = known?.settings ?? { ...NO_SETTINGS, maintenance: saysMaintenance(spec) };
  return { spec, settings, problems: parsed.problems };
}

export const settingsOf = (specs: NodeSpecs, node: NodeName): NodeSettings => specs.get(node)?.settings ?? NO_SETTINGS;
