import type { NodeName, PoolName, VipAddress } from '../ids.ts';
import type { MasterState } from '../master.ts';
import type { PoolView } from '../pool-view.ts';
import { Reason } from '../reasons.ts';
import { formatTerm } from '../term.ts';
import type { ControllerEffect } from './controller-state.ts';

interface Move {
  /** Undefined: its pool is gone. */
  readonly pool: PoolName | undefined;
  readonly vip: VipAddress;
  readonly from: NodeName | undefined;
  readonly to: NodeName | undefined;
  readonly reason: Reason;
  /** What is behind the reason, such as the check that failed. */
  readonly detail?: string;
}

const PLACED = { level: 'info', message: 'VIP placed' } as const;
const LOST = { level: 'warn', message: 'VIP placed nowhere' } as const;

/** One line for each VIP whose node changed by decision in this step. */
export function moveLines(before: MasterState, after: MasterState, views: readonly PoolView[]): ControllerEffect[] {
  const term = formatTerm(after.term);
  return moves(before, after, views).map((move) => {
    const line = move.to === undefined ? LOST : PLACED;
    return { kind: 'log', ...line, fields: { ...move, term } };
  });
}

/** Between two states of one reign; a new master's first look moves nothing. */
function moves(before: MasterState, after: MasterState, views: readonly PoolView[]): Move[] {
  const result: Move[] = [];
  let pools: ReadonlyMap<VipAddress, PoolName> | undefined;
  for (const [vip, { node, reason, message }] of after.reasons) {
    const from = before.reasons.get(vip)?.node;
    if (from === node || reason === Reason.Kept) continue;
    pools ??= new Map(views.flatMap((view) => view.bindings.map((binding) => [binding.vip, view.pool])));
    const detail = message === undefined ? {} : { detail: message };
    result.push({ pool: pools.get(vip), vip, from, to: node, reason, ...detail });
  }
  return result;
}
