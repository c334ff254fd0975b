/** Rules of one `spec.placement` that cannot hold at the same time. */
import type { NodeName, VipAddress } from '../ids.ts';
import type { Field } from '../manifest-field.ts';
import { PLACEMENT_MESSAGES } from './messages.ts';
import type { NodeTerm, PlacementRules, VipGroup } from './rules.ts';

type Homes = ReadonlyMap<VipAddress, NodeName>;

/** Weights that leave nobody, or that no node can ever have. */
export function refuseIdleWeights(
  weights: readonly NodeTerm[],
  homes: Homes,
  { weights: field, homes: homesField }: { weights: Field; homes: Field },
): void {
  const everyone = weights.findIndex(({ nodes }) => nodes.kind === 'labels' && Object.keys(nodes.labels).length === 0);
  const rest = weights[everyone];
  if (rest?.weight === 0 && weights.slice(0, everyone).every(({ weight }) => weight === 0)) {
    field.at(everyone).report(PLACEMENT_MESSAGES.nobodyLeft);
  }
  for (const [index, term] of weights.entries()) {
    const earlier = weights.slice(0, index).findIndex((other) => covers(other, term));
    if (earlier >= 0) field.at(index).report(PLACEMENT_MESSAGES.termNeverUsed(earlier));
  }
  for (const [vip, home] of homes) {
    const term = weights.find(({ nodes }) => nodes.kind === 'labels' || nodes.node === home);
    // What labels the node has is only known at run time.
    if (term?.nodes.kind === 'node' && term.weight === 0) {
      homesField.at(vip).report(PLACEMENT_MESSAGES.homeWithoutWeight(vip, home));
    }
  }
}

/** Whether every node that the second chooses is chosen by the first. */
function covers({ nodes: wide }: NodeTerm, { nodes: narrow }: NodeTerm): boolean {
  if (wide.kind === 'node') return narrow.kind === 'node' && narrow.node === wide.node;
  if (narrow.kind === 'node') return Object.keys(wide.labels).length === 0;
  return Object.entries(wide.labels).every(([key, value]) => narrow.labels[key] === value);
}

export function refuseContradictions(
  { groups, maxPerNode }: PlacementRules,
  homes: Homes,
  fields: { groups: Field; maxPerNode: Field },
): void {
  const together = new Map<VipAddress, VipGroup>();
  for (const [index, group] of groups.entries()) {
    if (group.policy !== 'Together') continue;
    const field = fields.groups.at(index);
    for (const vip of group.members) {
      const other = together.get(vip);
      if (other) field.report(PLACEMENT_MESSAGES.inTwoTogether(vip, other.name));
      together.set(vip, group);
    }
    if (maxPerNode !== undefined && group.members.length > maxPerNode) {
      field.report(PLACEMENT_MESSAGES.togetherOverLimit(group.members.length, maxPerNode));
    }
    const [first, ...rest] = group.members.filter((vip) => homes.has(vip));
    const other = rest.find((vip) => first !== undefined && homes.get(vip) !== homes.get(first));
    if (first === undefined || other === undefined) continue;
    const [homeOfFirst = '', homeOfOther = ''] = [homes.get(first), homes.get(other)];
    field.report(PLACEMENT_MESSAGES.togetherHomes(first, other, homeOfFirst, homeOfOther));
  }
  // One home of a group that stays together is the home of all of it.
  const homeOf = (vip: VipAddress): NodeName | undefined => {
    const mate = together.get(vip)?.members.find((member) => homes.has(member));
    return homes.get(vip) ?? (mate === undefined ? undefined : homes.get(mate));
  };
  for (const [index, group] of groups.entries()) {
    if (group.policy === 'Apart') refuseClose(group, together, homeOf, fields.groups.at(index));
  }
  refuseTooManyHomes(new Set([...homes.keys(), ...together.keys()]), homeOf, maxPerNode, fields.maxPerNode);
}

/** What a pool can never have that is on one node at a time. @param vips undefined: they are wrong themselves */
export function refuseBesideMaster(
  { follow, groups, maxPerNode }: PlacementRules,
  homes: Homes,
  vips: ReadonlySet<VipAddress> | undefined,
  fields: { groups: Field; maxPerNode: Field; homes: Field },
): void {
  if (follow.kind !== 'Master') return;
  for (const [index, { policy }] of groups.entries()) {
    if (policy === 'Apart') fields.groups.at(index).report(PLACEMENT_MESSAGES.apartAtMaster);
  }
  if (vips && maxPerNode !== undefined && maxPerNode < vips.size) {
    fields.maxPerNode.report(PLACEMENT_MESSAGES.limitAtMaster(vips.size));
  }
  if (homes.size > 0) fields.homes.report(PLACEMENT_MESSAGES.homesAtMaster);
}

/** Members of a group that stays apart, of which something else says that they stay together. */
function refuseClose(
  { members }: VipGroup,
  together: ReadonlyMap<VipAddress, VipGroup>,
  homeOf: (vip: VipAddress) => NodeName | undefined,
  field: Field,
): void {
  const groups = new Map<VipGroup, VipAddress>();
  const homes = new Map<NodeName, VipAddress>();
  for (const vip of members) {
    const group = together.get(vip);
    const mate = group && groups.get(group);
    if (group && mate) {
      field.report(PLACEMENT_MESSAGES.togetherAndApart(mate, vip, group.name));
      continue;
    }
    if (group) groups.set(group, vip);
    const home = homeOf(vip);
    if (home === undefined) continue;
    const neighbour = homes.get(home);
    if (neighbour !== undefined) field.report(PLACEMENT_MESSAGES.apartHomes(neighbour, vip, home));
    homes.set(home, vip);
  }
}

function refuseTooManyHomes(
  vips: ReadonlySet<VipAddress>,
  homeOf: (vip: VipAddress) => NodeName | undefined,
  maxPerNode: number | undefined,
  field: Field,
): void {
  const counts = new Map<NodeName, number>();
  for (const vip of vips) {
    const home = homeOf(vip);
    if (home !== undefined) counts.set(home, (counts.get(home) ?? 0) + 1);
  }
  for (const [home, count] of counts) {
    if (maxPerNode !== undefined && count > maxPerNode) field.report(PLACEMENT_MESSAGES.homesOverLimit(home, count));
  }
}
