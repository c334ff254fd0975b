/** What the rules of a pool say of each of its nodes. */
import type { NodeName } from '../ids.ts';
import type { HomeNode } from './homes.ts';
import { DEFAULT_WEIGHT, type Labels, matchesTerm, type PlacementRules } from './rules.ts';

export interface RosterMember {
  readonly node: NodeName;
  readonly labels: Labels;
}

/** @param nodeWeights what is declared of a node for all pools: it goes before what they say, except that they keep away */
export function rosterOf(
  { weights, preferredNodes, zoneKey }: PlacementRules,
  members: readonly RosterMember[],
  nodeWeights: ReadonlyMap<NodeName, number>,
): HomeNode[] {
  return members.map(({ node, labels }) => {
    const declared = weights.find((term) => matchesTerm(term, node, labels))?.weight ?? DEFAULT_WEIGHT;
    let preference = 0;
    for (const term of preferredNodes) if (matchesTerm(term, node, labels)) preference += term.weight;
    return {
      node,
      weight: declared === 0 ? 0 : (nodeWeights.get(node) ?? declared),
      preference,
      zone: zoneKey === undefined ? undefined : (labels[zoneKey] ?? ''),
    };
  });
}

/** A part of a weight, in percent; only 0 makes 0. */
export function scaledWeight(weight: number, percent: number): number {
  return weight === 0 || percent === 0 ? 0 : Math.max(1, Math.round((weight * percent) / 100));
}
