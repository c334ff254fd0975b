import { type Commitments, knowsTerm } from './commitments.ts';
import type { NodeName, VipAddress } from './ids.ts';
import { isReady, type NodeTable } from './node-table.ts';
import type { Placed } from './placement/place.ts';
import type { PoolPlans } from './placement/plans.ts';
import { Reason } from './reasons.ts';
import type { Term } from './term.ts';
import type { Monotonic } from './time.ts';

/** Reasons for which a VIP leaves a node whose clients it serves until then. */
const SERVED: ReadonlySet<Reason> = new Set([
  Reason.Failback,
  Reason.Moved,
  Reason.HomeOfOther,
  Reason.Rebalanced,
  Reason.ZoneSpread,
  Reason.PreferredNode,
  Reason.NodeDegraded,
  Reason.OverLimit,
  Reason.GroupTogether,
  Reason.CapacityFull,
  Reason.NodeNotSelected,
  Reason.ZeroWeight,
  Reason.Maintenance,
  Reason.NodeLeft,
]);

/**
 * Holders; in their place nodes for whose sake a VIP is being taken from them, or was: it belongs there already. Else others
 * would take its place while it is on its way, and it theirs in turn, for ever; or it would go to a third one, which
 * nobody was told of.
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
    if (isHeld || node === undefined || stranded || !SERVED.has(reason)) continue;
    const entry = nodes.get(node);
    if (entry && isReady(entry)) (claims ??= new Map(holders)).set(vip, node);
  }
  return claims ?? holders;
}

const NONE: ReadonlySet<VipAddress> = new Set();

/** Nodes that could not be given anything now: nothing is heard of them, or they may still obey an earlier master. */
export function quietNodes(
  nodes: NodeTable,
  commitments: Commitments,
  term: Term,
  quietBefore: Monotonic,
): ReadonlySet<NodeName> {
  const quiet = new Set<NodeName>();
  for (const entry of nodes.values()) {
    if (entry.gone !== 'no') continue;
    const isHeard = entry.lastHeard >= quietBefore && knowsTerm(entry, commitments.get(entry.node), term);
    if (!isHeard) quiet.add(entry.node);
  }
  return quiet;
}

/**
 * VIPs that stay with a holder that serves them until something is heard of the node that shall have them: were that one
 * lost, nobody would have them until its lease has ended. Not with a holder that is given another VIP now: what leaves it
 * may have to make room.
 */
export function waitingForWord(
  plans: PoolPlans,
  holders: ReadonlyMap<VipAddress, NodeName>,
  commitments: Commitments,
  quiet: ReadonlySet<NodeName>,
): ReadonlySet<VipAddress> {
  if (quiet.size === 0) return NONE;
  const waiting = new Map<VipAddress, NodeName>();
  const receivers = new Set<NodeName>();
  for (const { result } of plans.values()) {
    for (const [vip, { node, reason }] of result) {
      const holder = holders.get(vip);
      if (node === undefined || node === holder) continue;
      if (holder === undefined) {
        receivers.add(node);
        continue;
      }
      const told = commitments.get(holder);
      // What was taken away is not given back: the release is on its way.
      const isGone = told !== undefined && !told.vips.has(vip);
      if (!isGone && quiet.has(node) && SERVED.has(reason)) waiting.set(vip, holder);
    }
  }
  return new Set([...waiting].flatMap(([vip, holder]) => (receivers.has(holder) ? [] : [vip])));
}
