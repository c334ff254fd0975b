import type { NodeName, VipAddress } from './ids.ts';
import { isReady, type NodeTable } from './node-table.ts';
import type { Placed } from './placement/place.ts';
import { Reason } from './reasons.ts';

/** Reasons for which a VIP leaves a node that could have kept it. */
const PLANNED: ReadonlySet<Reason> = new Set([
  Reason.Failback,
  Reason.Moved,
  Reason.HomeOfOther,
  Reason.Rebalanced,
  Reason.ZoneSpread,
  Reason.PreferredNode,
  Reason.NodeDegraded,
]);

/**
 * Holders; in their place nodes for whose sake a VIP is being taken from them, or was: it belongs there already. Else others
 * would take its place while it is on its way, and it theirs in turn, for ever.
 */
export function withClaims(
  holders: ReadonlyMap<VipAddress, NodeName>,
  decided: ReadonlyMap<VipAddress, Placed>,
  nodes: NodeTable,
  given: ReadonlyMap<NodeName, { readonly vips: ReadonlyMap<VipAddress, unknown> }>,
): ReadonlyMap<VipAddress, NodeName> {
  let claims: Map<VipAddress, NodeName> | undefined;
  for (const [vip, { node, reason, stranded }] of decided) {
    const holder = holders.get(vip);
    const isHeld = holder !== undefined && given.get(holder)?.vips.has(vip) === true;
    if (isHeld || node === undefined || stranded || !PLANNED.has(reason)) continue;
    const entry = nodes.get(node);
    if (entry && isReady(entry)) (claims ??= new Map(holders)).set(vip, node);
  }
  return claims ?? holders;
}
