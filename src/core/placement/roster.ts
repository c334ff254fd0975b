/** The nodes of a pool, and what its rules say of each: nothing that passes. */
import { hashText } from '../hash.ts';
import type { NodeName } from '../ids.ts';
import { Reason } from '../reasons.ts';
import type { PlaceNode } from './board.ts';
import type { Labels } from '../node-labels.ts';
import { DEFAULT_WEIGHT, matchesTerm, type PlacementRules } from './rules.ts';

export interface RosterNode {
  readonly node: NodeName;
  /** Declared share, 0 to 100: homes are balanced by it. */
  readonly weight: number;
  /** Higher comes first, whatever the balance. */
  readonly preference: number;
  /** Undefined: zones do not matter in this pool. */
  readonly zone: string | undefined;
}

export interface Roster {
  /** In order of name. */
  readonly nodes: readonly RosterNode[];
  /** The same for homes, which do not depend on how the nodes are now. */
  readonly homeNodes: readonly PlaceNode[];
  readonly index: ReadonlyMap<NodeName, number>;
  readonly hashes: Uint32Array;
  readonly preferences: Int32Array;
  /** Number of the zone of each node, from 1; 0: zones do not matter. */
  readonly zones: Int32Array;
  /** The numbers of the nodes by that of their zone. */
  readonly byZone: readonly (readonly number[])[];
}

export interface RosterMember {
  readonly node: NodeName;
  readonly labels: Labels;
}

/**
 * @param members in order of name
 * @param nodeWeights what is declared of a node for all pools: it goes before what they say, except that they keep away
 */
export function rosterOf(
  { weights, preferredNodes, zoneKey }: PlacementRules,
  members: readonly RosterMember[],
  nodeWeights: ReadonlyMap<NodeName, number>,
): Roster {
  const nodes = members.map(({ node, labels }): RosterNode => {
    const declared = weights.find((term) => matchesTerm(term, node, labels))?.weight ?? DEFAULT_WEIGHT;
    let preference = 0;
    for (const term of preferredNodes) if (matchesTerm(term, node, labels)) preference += term.weight;
    const zone = zoneKey === undefined ? undefined : (labels[zoneKey] ?? '');
    return { node, weight: declared === 0 ? 0 : (nodeWeights.get(node) ?? declared), preference, zone };
  });
  return makeRoster(nodes);
}

export function makeRoster(nodes: readonly RosterNode[]): Roster {
  const numbers = new Map<string, number>();
  const numberOf = ({ zone }: RosterNode): number => {
    if (zone === undefined) return 0;
    if (!numbers.has(zone)) numbers.set(zone, numbers.size + 1);
    return numbers.get(zone) ?? 0;
  };
  const zones = Int32Array.from(nodes, numberOf);
  const byZone = Array.from({ length: numbers.size + 1 }, (): number[] => []);
  for (const [i, zone] of zones.entries()) byZone[zone]?.push(i);
  return {
    nodes,
    homeNodes: nodes.map(homeNode),
    index: new Map(nodes.map(({ node }, i) => [node, i])),
    hashes: Uint32Array.from(nodes, ({ node }) => hashText(node)),
    preferences: Int32Array.from(nodes, ({ preference }) => preference),
    zones,
    byZone,
  };
}

function homeNode({ node, weight, preference, zone }: RosterNode): PlaceNode {
  const unfit = weight === 0 ? Reason.ZeroWeight : undefined;
  return { node, weight, preference, zone, effectiveWeight: weight, unfit, closed: undefined, stable: true };
}

/** A part of a weight, in percent; only 0 makes 0. */
export function scaledWeight(weight: number, percent: number): number {
  return weight === 0 || percent === 0 ? 0 : Math.max(1, Math.round((weight * percent) / 100));
}
