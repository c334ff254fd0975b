import type { NodeName, VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import { place, type Placed, type PlacementInput } from './place.ts';

export interface PlannedMove {
  readonly vip: VipAddress;
  readonly from: NodeName | undefined;
  /** Undefined: no node could hold it. The same as `from`: it stays on a drained node for want of another. */
  readonly to: NodeName | undefined;
  readonly reason: Reason;
}

/**
 * What would move if these nodes failed at once: the decision of `place` itself. Pools are placed in the order given, as
 * the master does. VIPs that would move anyway, such as those that return home, are told as well.
 */
export function whatMoves(inputs: readonly PlacementInput[], failed: ReadonlySet<NodeName>): PlannedMove[] {
  return movesOf(inputs, (input) => {
    const lost = new Set([...input.holders].flatMap(([vip, node]) => (failed.has(node) ? [vip] : [])));
    return {
      ...input,
      holders: new Map([...input.holders].filter(([vip]) => !lost.has(vip))),
      nodes: input.nodes.map((node) => (failed.has(node.node) ? { ...node, unfit: Reason.NodeLost } : node)),
      lossReason: (vip) => (lost.has(vip) ? Reason.NodeLost : input.lossReason(vip)),
    };
  });
}

/** What would move if these nodes were drained, and what would stay there for want of another node. */
export function whatDrains(inputs: readonly PlacementInput[], drained: ReadonlySet<NodeName>): PlannedMove[] {
  return movesOf(
    inputs,
    (input) => ({
      ...input,
      nodes: input.nodes.map((node) => (drained.has(node.node) ? { ...node, unfit: Reason.Maintenance } : node)),
    }),
    ({ node, stranded }) => stranded === true && node !== undefined && drained.has(node),
  );
}

function movesOf(
  inputs: readonly PlacementInput[],
  change: (input: PlacementInput) => PlacementInput,
  isTold: (placed: Placed) => boolean = () => false,
): PlannedMove[] {
  const moves: PlannedMove[] = [];
  const otherLoad = new Map<NodeName, number>();
  for (const input of inputs) {
    for (const [vip, placed] of place({ ...change(input), otherLoad })) {
      const from = input.holders.get(vip);
      const { node: to, reason } = placed;
      if (to !== from || isTold(placed)) moves.push({ vip, from, to, reason });
      if (to !== undefined) otherLoad.set(to, (otherLoad.get(to) ?? 0) + 1);
    }
  }
  return moves;
}
