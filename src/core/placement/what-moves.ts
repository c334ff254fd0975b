import type { NodeName, VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import { place, type PlacementInput } from './place.ts';

export interface PlannedMove {
  readonly vip: VipAddress;
  readonly from: NodeName | undefined;
  /** Undefined: no node could hold it. */
  readonly to: NodeName | undefined;
  readonly reason: Reason;
}

/**
 * What would move if these nodes failed at once: the decision of `place` itself. Pools are placed in the order given, as
 * the master does. VIPs that would move anyway, such as those that return home, are told as well.
 */
export function whatMoves(inputs: readonly PlacementInput[], failed: ReadonlySet<NodeName>): PlannedMove[] {
  const moves: PlannedMove[] = [];
  const otherLoad = new Map<NodeName, number>();
  for (const input of inputs) {
    const lost = new Set([...input.holders].flatMap(([vip, node]) => (failed.has(node) ? [vip] : [])));
    const result = place({
      ...input,
      otherLoad,
      holders: new Map([...input.holders].filter(([vip]) => !lost.has(vip))),
      nodes: input.nodes.map((node) => (failed.has(node.node) ? { ...node, unfit: Reason.NodeLost } : node)),
      lossReason: (vip) => (lost.has(vip) ? Reason.NodeLost : input.lossReason(vip)),
    });
    for (const [vip, { node: to, reason }] of result) {
      const from = input.holders.get(vip);
      if (to !== from) moves.push({ vip, from, to, reason });
      if (to !== undefined) otherLoad.set(to, (otherLoad.get(to) ?? 0) + 1);
    }
  }
  return moves;
}
