/** VIPs that nodes could not bind: each node is not asked again for a while, and what it said is told until a node has the VIP. */
import type { NodeName, VipAddress } from './ids.ts';
import type { RefusalReason, RefusedVip } from './messages.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
import { addMs, HOUR_MS, type Monotonic } from './time.ts';

export interface Refusal extends RefusedVip {
  readonly node: NodeName;
}

/** By node, incarnation and VIP. */
export type Refusals = ReadonlyMap<string, Refusal & { readonly askAgainAt: Monotonic }>;

/** How long a node that could not bind a VIP is not asked again. */
const HOLD_MS: Readonly<Record<RefusalReason, number>> = {
  // That changes with a restart of the agent, which is another life.
  AddressNotAllowed: HOUR_MS,
  InterfaceNotAllowed: HOUR_MS,
  AddressInUse: 30_000,
  BindFailed: 10_000,
  AddressConflict: 10_000,
  HolderAnswers: 1_000,
};

/** While nodes are asked again, one after the other, what they said last is still true. */
const ASKING_MS = 2_000;

const keyOf = ({ node, lease }: NodeEntry, vip: VipAddress): string => `${node} ${lease.incarnation} ${vip}`;

const forgetAt = ({ askAgainAt }: { readonly askAgainAt: Monotonic }): Monotonic => addMs(askAgainAt, ASKING_MS);

export function followRefusals(before: Refusals, nodes: NodeTable, now: Monotonic): Refusals {
  const refusals = new Map([...before].filter(([, refusal]) => forgetAt(refusal) > now));
  for (const entry of nodes.values()) {
    for (const refused of entry.applied?.refused ?? []) {
      const key = keyOf(entry, refused.vip);
      if ((refusals.get(key)?.askAgainAt ?? now) > now) continue;
      refusals.set(key, { ...refused, node: entry.node, askAgainAt: addMs(now, HOLD_MS[refused.reason]) });
    }
  }
  return refusals;
}

/** Whether the node is not asked to bind it now. */
export const hasRefused = (refusals: Refusals, entry: NodeEntry, vip: VipAddress, now: Monotonic): boolean =>
  (refusals.get(keyOf(entry, vip))?.askAgainAt ?? now) > now;

/** VIPs that some node is not asked to bind now. */
export const refusedVips = (refusals: Refusals, now: Monotonic): ReadonlySet<VipAddress> =>
  new Set([...refusals.values()].filter(({ askAgainAt }) => askAgainAt > now).map(({ vip }) => vip));

/** VIPs whose lost holder has answered some node not long ago. */
export const answeredVips = (refusals: Refusals): ReadonlySet<VipAddress> =>
  new Set([...refusals.values()].filter(({ reason }) => reason === 'HolderAnswers').map(({ vip }) => vip));

/** When a node is asked again, or what it said is forgotten. */
export const refusalsWakeAt = (refusals: Refusals, now: Monotonic): number =>
  [...refusals.values()].reduce((at, refusal) => {
    const { askAgainAt } = refusal;
    return Math.min(at, askAgainAt > now ? askAgainAt : forgetAt(refusal));
  }, Infinity);

/**
 * What live nodes report now; of VIPs that nobody holds also what they reported before they were told to leave them to
 * others.
 */
export function toldRefusals(
  refusals: Refusals,
  nodes: NodeTable,
  isHeld: (vip: VipAddress) => boolean,
): readonly Refusal[] {
  return [...refusals].flatMap(([key, refusal]) => {
    const entry = nodes.get(refusal.node);
    if (entry?.gone !== 'no' || keyOf(entry, refusal.vip) !== key) return [];
    const reported = entry.applied?.refused.find(({ vip }) => vip === refusal.vip);
    if (reported) return [{ ...reported, node: entry.node }];
    return isHeld(refusal.vip) ? [] : [refusal];
  });
}
