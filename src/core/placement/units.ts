/** What moves as one: a VIP, or the VIPs of a group that stays together. */
import { hashText } from '../hash.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import type { VipGroup } from './rules.ts';

export interface Unit {
  /** In the order of the pool. */
  readonly vips: readonly VipAddress[];
  /** Numbers of the groups whose members stay apart. */
  readonly apart: readonly number[];
  readonly hash: number;
  /** Its VIPs one by one, where there are several. */
  readonly parts: readonly Unit[];
}

/** In the order of the first VIP of each. Members that are not of the pool, such as those an older pool claims, are left out. */
export function unitsOf(vips: readonly VipAddress[], groups: readonly VipGroup[]): Unit[] {
  const together = new Map<VipAddress, VipAddress[]>();
  const apart = new Map<VipAddress, number[]>();
  for (const [number, { members, policy }] of groups.entries()) {
    const mates: VipAddress[] = [];
    for (const vip of members) {
      if (policy === 'Together') together.set(vip, mates);
      else apart.set(vip, [...(apart.get(vip) ?? []), number]);
    }
  }
  const units: Unit[] = [];
  for (const vip of vips) {
    const mates = together.get(vip);
    mates?.push(vip);
    if (mates && mates.length > 1) continue;
    units.push({ vips: mates ?? [vip], apart: apart.get(vip) ?? [], hash: hashText(vip), parts: [] });
  }
  return together.size === 0 ? units : units.map((unit) => (unit.vips.length > 1 ? withParts(unit, apart) : unit));
}

function withParts(unit: Unit, apart: ReadonlyMap<VipAddress, readonly number[]>): Unit {
  const parts = unit.vips.map((vip): Unit => ({
    vips: [vip],
    apart: apart.get(vip) ?? [],
    hash: unit.hash,
    parts: [],
  }));
  return { ...unit, apart: [...new Set(parts.flatMap((part) => part.apart))], parts };
}
/** The node that most members name; of several the one that is `favourite`, else the first by name. */
export function mostNamed(
  unit: Unit,
  named: ReadonlyMap<VipAddress, NodeName>,
  favourite: NodeName | undefined,
  isAllowed: (node: NodeName) => boolean = () => true,
): NodeName | undefined {
  const [first] = unit.vips;
  if (unit.vips.length === 1 && first !== undefined) {
    const only = named.get(first);
    return only !== undefined && isAllowed(only) ? only : undefined;
  }
  const counts = new Map<NodeName, number>();
  for (const vip of unit.vips) {
    const node = named.get(vip);
    if (node !== undefined) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  const rank = (node: NodeName): number => (counts.get(node) ?? 0) * 2 + (node === favourite ? 1 : 0);
  const nodes = [...counts.keys()].filter(isAllowed).sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
  return nodes[0];
}
