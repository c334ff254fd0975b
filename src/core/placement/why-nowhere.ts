import type { VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import type { Board } from './board.ts';
import type { Unit } from './units.ts';

/** From the rule that comes last to the one that comes first: the first of these that any node met is told. */
const TOLD: readonly Reason[] = [
  Reason.GroupApart,
  Reason.OverLimit,
  Reason.CapacityFull,
  Reason.ServiceUnreachable,
  Reason.HeldOff,
  Reason.CheckPending,
  Reason.CheckFailed,
  Reason.CheckUnknown,
  Reason.Maintenance,
  Reason.NotFollowed,
  Reason.ZeroWeight,
];

/** Tells why no node may have a VIP: the rule that is nearest to giving way, or that no node is fit at all. */
export function reasonsWhyNowhere(board: Board): (unit: Unit, vip: VipAddress) => Reason {
  // The same for all VIPs that nothing sets apart from each other.
  let usual: Reason | undefined;
  return (unit, vip) => {
    if (!board.isPlain(unit)) return whyNowhere(board, unit, vip);
    usual ??= whyNowhere(board, unit, vip);
    return usual;
  };
}

function whyNowhere(board: Board, unit: Unit, vip: VipAddress): Reason {
  const met = new Set<Reason>();
  for (const at of board.nodes.keys()) {
    const reason = board.whyNot(unit, at);
    if (reason !== undefined) met.add(reason);
    // Without its group this node would do.
    if (unit.vips.length > 1 && board.whyNot({ ...unit, vips: [vip] }, at) === undefined) return Reason.GroupTogether;
  }
  return TOLD.find((reason) => met.has(reason)) ?? Reason.NoEligibleNode;
}
