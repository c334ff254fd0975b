import type { Commitments } from './commitments.ts';
import type { HoldBook, HoldVerdict } from './hold-bars.ts';
import { leaseKey } from './lease-verdicts.ts';
import type { NodeName, PoolName } from './ids.ts';
import type { NodeTable } from './node-table.ts';

interface Before {
  readonly commitments: Commitments;
  readonly holds: HoldBook;
}

/** Writes down who was told what, and which ended leases can not be taken up again because others were given something. */
export function bookHolds(
  before: Before,
  commitments: Commitments,
  verdict: HoldVerdict | undefined,
  { nodes }: { readonly nodes: NodeTable },
): HoldBook {
  const told = new Map<NodeName, ReadonlyMap<PoolName, readonly (readonly NodeName[])[]>>();
  for (const [node, lists] of before.holds.told) {
    // What a lost node was told matters until it is back.
    if (nodes.get(node)?.gone === 'lease-ended' || commitments.has(node)) told.set(node, lists);
  }
  let given = false;
  for (const [node, commitment] of commitments) {
    const known = before.commitments.get(node);
    const same = known !== undefined && leaseKey(node, known.lease) === leaseKey(node, commitment.lease);
    for (const vip of commitment.vips.keys()) given ||= !(same && known.vips.has(vip));
    const settled = nodes.get(node)?.applied?.version === commitment.version;
    const older = same && !settled ? told.get(node) : undefined;
    const lists = new Map<PoolName, readonly (readonly NodeName[])[]>(older);
    for (const { name, members } of commitment.holdPools) {
      const list = members.map((member) => member.node);
      const others = (older?.get(name) ?? []).filter((other) => other.join() !== list.join());
      lists.set(name, [...others, list]);
    }
    told.set(node, lists);
  }
  const overSince = verdict?.overSince ?? new Map();
  const spent = new Set([...before.holds.spent, ...(given ? overSince.keys() : [])]);
  return { told, overSince, spent };
}
