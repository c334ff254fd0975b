/** Random pools and nodes for tests of placement. */
import fc from 'fast-check';
import type { NodeName, VipAddress } from '../core/ids.ts';
import type { PlaceNode } from '../core/placement/board.ts';
import { assignHomes } from '../core/placement/homes.ts';
import type { PlacementInput } from '../core/placement/place.ts';
import { makeRoster } from '../core/placement/roster.ts';
import type { VipGroup } from '../core/placement/rules.ts';
import { unitsOf } from '../core/placement/units.ts';
import { Reason } from '../core/reasons.ts';
import { n, vips } from './core-builders.ts';

/** Everything as numbers, so that a counterexample shrinks to little. */
const raw = fc.record({
  nodes: fc.array(
    fc.record({
      weight: fc.constantFrom(100, 100, 100, 50, 30, 7, 0),
      leftPercent: fc.constantFrom(100, 100, 100, 100, 50, 1),
      preference: fc.constantFrom(0, 0, 10),
      zone: fc.nat(2),
      unfit: fc.constantFrom(false, false, false, true),
      closed: fc.constantFrom(false, false, false, false, true),
      stable: fc.constantFrom(true, true, true, false),
    }),
    { minLength: 1, maxLength: 7 },
  ),
  vips: fc.integer({ min: 1, max: 14 }),
  usesWeights: fc.boolean(),
  usesPreference: fc.constantFrom(false, false, true),
  usesZones: fc.constantFrom(false, false, true),
  maxPerNode: fc.constantFrom(undefined, undefined, undefined, 1, 2, 3, 5),
  /** Number of the group of each VIP; 3 and above: none. */
  together: fc.array(fc.nat(9), { maxLength: 14 }),
  apart: fc.array(fc.nat(7), { maxLength: 14 }),
  /** Number of the holder of each VIP; beyond the nodes: none. */
  holders: fc.array(fc.nat(9), { maxLength: 14 }),
  previous: fc.array(fc.nat(9), { maxLength: 14 }),
  explicit: fc.oneof(fc.constant([]), fc.array(fc.nat(20), { maxLength: 14 })),
  /** Pairs that cannot be: VIP, node. */
  obstacles: fc.oneof(
    fc.constant<[vip: number, node: number][]>([]),
    fc.array(fc.tuple(fc.nat(13), fc.nat(6)), { maxLength: 6 }),
  ),
  policy: fc.constantFrom('Automatic' as const, 'Automatic' as const, 'Manual' as const, 'Never' as const),
  asked: fc.array(fc.nat(13), { maxLength: 2 }),
  otherLoad: fc.array(fc.nat(3), { maxLength: 7 }),
});

export interface Topology extends PlacementInput {
  readonly groups: readonly VipGroup[];
  readonly vips: readonly VipAddress[];
  readonly explicit: ReadonlyMap<VipAddress, NodeName>;
}

export const topologies: fc.Arbitrary<Topology> = raw.map((given): Topology => {
  const names = given.nodes.map((_, i) => n(`node-${i + 1}`));
  const all = vips(given.vips);
  const byVip = (numbers: readonly number[]): Map<VipAddress, NodeName> =>
    new Map(
      numbers.slice(0, all.length).flatMap((number, i) => {
        const [vip, node] = [all[i], names[number]];
        return vip !== undefined && node !== undefined ? [[vip, node] as const] : [];
      }),
    );
  const groups = [
    ...groupsOf(all, given.together, 3, 'Together'),
    ...withoutMates(groupsOf(all, given.apart, 2, 'Apart'), all, given.together),
  ];
  const nodes = given.nodes.map((node, i): PlaceNode => {
    const weight = given.usesWeights ? node.weight : 100;
    return {
      node: names[i] ?? n('none'),
      weight,
      effectiveWeight: weight === 0 ? 0 : Math.max(1, Math.round((weight * node.leftPercent) / 100)),
      preference: given.usesPreference ? node.preference : 0,
      zone: given.usesZones ? `zone-${node.zone}` : undefined,
      unfit: weight === 0 ? Reason.ZeroWeight : node.unfit ? Reason.NodeLost : undefined,
      closed: node.closed ? Reason.CapacityFull : undefined,
      stable: node.stable,
    };
  });
  const units = unitsOf(all, groups);
  const roster = makeRoster(nodes);
  const explicit = byVip(given.explicit);
  const { maxPerNode } = given;
  const homes = assignHomes({ units, roster, maxPerNode, explicit, previous: byVip(given.previous) });
  const pairs = new Set(given.obstacles.map(([vip, node]) => `${all[vip]} ${names[node]}`));
  return {
    units,
    roster,
    groups,
    vips: all,
    explicit,
    homes,
    nodes,
    holders: byVip(given.holders),
    obstacle:
      pairs.size === 0 ? undefined : (node, vip) => (pairs.has(`${vip} ${node}`) ? Reason.BindRefused : undefined),
    maxPerNode,
    failback: { policy: given.policy, delayMs: 30_000 },
    failbackAsked: new Set(given.asked.flatMap((i) => all[i] ?? [])),
    otherLoad: () => new Map(names.map((node, i) => [node, given.otherLoad[i] ?? 0])),
    lossReason: () => undefined,
  };
});

function groupsOf(
  all: readonly VipAddress[],
  numbers: readonly number[],
  count: number,
  policy: VipGroup['policy'],
): VipGroup[] {
  const groups = Array.from({ length: count }, (_, group): VipGroup => {
    return { name: `${policy}-${group}`, policy, members: all.filter((_, i) => numbers[i] === group) };
  });
  return groups.filter(({ members }) => members.length > 1);
}

/** VIPs that stay together cannot be apart. */
function withoutMates(
  groups: readonly VipGroup[],
  all: readonly VipAddress[],
  together: readonly number[],
): VipGroup[] {
  const groupOf = (vip: VipAddress): number => together[all.indexOf(vip)] ?? 9;
  return groups
    .map((group) => {
      const isFirst = (vip: VipAddress, i: number): boolean =>
        groupOf(vip) >= 3 || group.members.findIndex((other) => groupOf(other) === groupOf(vip)) === i;
      return { ...group, members: group.members.filter(isFirst) };
    })
    .filter(({ members }) => members.length > 1);
}
