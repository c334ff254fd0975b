/** Where the VIPs of a pool may and should live, as its manifest declares it (`spec.placement`). */
import type { Labels } from '../node-labels.ts';
import type { CheckName } from '../checks.ts';
import type { VipAddress, NodeName } from '../ids.ts';

/** The weight of a node that no entry of `weights` matches. */
export const DEFAULT_WEIGHT = 100;

export interface PlacementRules {
  /** The first that matches a node decides its weight, 0 to 100; none: `DEFAULT_WEIGHT`. 0 keeps the pool away. */
  readonly weights: readonly NodeTerm[];
  /** Most VIPs of the pool on one node; undefined: no limit. */
  readonly maxPerNode: number | undefined;
  /** Label whose values are the zones that VIPs are spread over; undefined: zones do not matter. */
  readonly zoneKey: string | undefined;
  readonly groups: readonly VipGroup[];
  /** A node is as preferred as the sum of the weights (1 to 100) of all that match it. */
  readonly preferredNodes: readonly NodeTerm[];
  readonly follow: Follow;
  /** Undefined: the load of the nodes does not matter. */
  readonly capacity: CapacityMarks | undefined;
}

/** Nodes by name or by labels, and what they weigh. */
export interface NodeTerm {
  readonly nodes: NodeChoice;
  readonly weight: number;
}

export type NodeChoice =
  | { readonly kind: 'node'; readonly node: NodeName }
  /** All of these labels; no label matches every node. */
  | { readonly kind: 'labels'; readonly labels: Labels };

export interface VipGroup {
  readonly name: string;
  readonly members: readonly VipAddress[];
  /** All on one node, or no two on the same node. */
  readonly policy: 'Together' | 'Apart';
}

/** Which nodes may hold the pool at all, beside the node selector. */
export type Follow =
  | { readonly kind: 'Any' }
  /** The node where the master controller runs. */
  | { readonly kind: 'Master' }
  /** Nodes where this check of the pool succeeds, such as the primary of a database. */
  | { readonly kind: 'Check'; readonly check: CheckName };

/** In percent of what a node has of its scarcest resource. */
export interface CapacityMarks {
  /** A node that uses more is full: it is given nothing more. */
  readonly highPercent: number;
  /** It stays full until it uses less than this. */
  readonly lowPercent: number;
}

export const NO_RULES: PlacementRules = {
  weights: [],
  maxPerNode: undefined,
  zoneKey: undefined,
  groups: [],
  preferredNodes: [],
  follow: { kind: 'Any' },
  capacity: undefined,
};

export const hasLabels = (wanted: Labels, labels: Labels): boolean => {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
};

/** Whether the weights of a pool give the node none. */
export const keepsAway = ({ weights }: PlacementRules, node: NodeName, labels: Labels): boolean =>
  weights.find((term) => matchesTerm(term, node, labels))?.weight === 0;

export function matchesTerm({ nodes }: NodeTerm, node: NodeName, labels: Labels): boolean {
  return nodes.kind === 'node' ? nodes.node === node : hasLabels(nodes.labels, labels);
}
