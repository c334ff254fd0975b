/** What would move if something happened to nodes: the decision of the master itself, about the world on record. */
import { isFrozen } from './controller/pools.ts';
import { controllerId, type NodeName, type PoolName, type VipAddress } from './ids.ts';
import { newMaster, reconcile } from './master.ts';
import type { SourceSnapshot } from './manifest.ts';
import { Reason } from './reasons.ts';
import { recordedWorld, type Supposed } from './recorded-world.ts';
import type { Term } from './term.ts';

export interface PlannedMove {
  readonly vip: VipAddress;
  readonly pool: PoolName;
  readonly from: NodeName | undefined;
  /**
   * Undefined: no node could hold it, or it goes to the next master. The same as `from`: it stays on a drained node for
   * want of another.
   */
  readonly to: NodeName | undefined;
  /** It follows the master, which will be another one: its node, if that may hold it. Nobody knows which that is. */
  readonly toNextMaster: boolean;
  readonly reason: Reason;
  /** What is behind the reason, such as the check that fails; for people. */
  readonly message: string | undefined;
}

export interface Outlook {
  /** VIPs that would move anyway, such as those that return home, are told as well. */
  readonly moves: readonly PlannedMove[];
  /** Pools of which no valid version is known: nothing can be said of them. */
  readonly unknown: readonly PoolName[];
}

/** Nobody is told anything in it. */
const NO_TERM: Term = { number: 0, instance: { id: controllerId(''), priority: 0, address: '', nonce: '' } };

export function whatMoves(snapshot: SourceSnapshot, supposed: Supposed): Outlook {
  const outlook = decided(snapshot, supposed);
  const next = outlook.moves.find(({ toNextMaster }) => toNextMaster)?.to;
  if (next === undefined) return outlook;
  // Only one node is that of the next master: one that can hold something stands for it.
  const { moves, unknown } = decided(snapshot, { ...supposed, nextMasters: new Set([next]) });
  return { moves: moves.map((move) => (move.toNextMaster ? { ...move, to: undefined } : move)), unknown };
}

function decided(snapshot: SourceSnapshot, supposed: Supposed): Outlook {
  const world = recordedWorld(snapshot, supposed);
  const { plans, reasons } = reconcile(newMaster(NO_TERM), world, world.at).state;
  const moves: PlannedMove[] = [];
  for (const { pool, result } of plans.pools.values()) {
    const isVague = world.changesMaster && pool.placement.follow.kind === 'Master';
    for (const [vip, { node: to, reason: why }] of result) {
      const from = world.holders.get(vip);
      const stays = to !== undefined && supposed.drained?.has(to) === true;
      if (to === from && !stays) continue;
      const toNextMaster = isVague && to !== from && to !== undefined;
      // What a drained node may keep no healthy one can take.
      const reason = why === Reason.Kept ? Reason.AllUnhealthy : why;
      moves.push({ vip, pool: pool.name, from, to, toNextMaster, reason, message: reasons.get(vip)?.message });
    }
  }
  const unknown = [...world.book.manifests.keys()].filter((name) => isFrozen(world.book, name));
  return { moves, unknown };
}
