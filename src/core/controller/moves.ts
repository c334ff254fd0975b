import type { NodeName, VipAddress } from '../ids.ts';
import type { MasterState } from '../master.ts';
import { Reason } from '../reasons.ts';

export interface Move {
  readonly vip: VipAddress;
  readonly from: NodeName | undefined;
  readonly to: NodeName | undefined;
  readonly reason: Reason;
}

/** VIPs whose node changed by decision between two states of one reign; a new master's first look moves nothing. */
export function moves(before: MasterState, after: MasterState): Move[] {
  const result: Move[] = [];
  for (const [vip, { node, reason }] of after.reasons) {
    const from = before.reasons.get(vip)?.node;
    if (from !== node && reason !== Reason.Kept) result.push({ vip, from, to: node, reason });
  }
  return result;
}
