/** Who held each VIP last, and whether it let go in order: whom a new holder has to reckon with before it binds. */
import type { NodeName, VipAddress } from './ids.ts';
import { sameLease } from './lease-name.ts';
import type { LeaseName, Probe } from './messages.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';

export interface LastHolder {
  readonly node: NodeName;
  readonly lease: LeaseName;
  /** It said itself that it does not hold the VIP any more. */
  readonly released: boolean;
}

/** As many as a message carries. */
const MOST_MACS = 256;

export type LastHolders = ReadonlyMap<VipAddress, LastHolder>;

/** @param holders who may hold each VIP now, as far as it is known */
export function followHolders(
  before: LastHolders,
  holders: ReadonlyMap<VipAddress, NodeName>,
  nodes: NodeTable,
): LastHolders {
  const after = new Map<VipAddress, LastHolder>();
  for (const [vip, last] of before) {
    if (holders.has(vip)) continue;
    const entry = nodes.get(last.node);
    const itself = entry !== undefined && sameLease(entry.lease, last.lease) && entry.gone !== 'lease-ended';
    after.set(vip, last.released || !itself ? last : { ...last, released: true });
  }
  for (const [vip, node] of holders) {
    const entry = nodes.get(node);
    const last = before.get(vip);
    if (last?.node === node && !last.released && entry && sameLease(entry.lease, last.lease)) {
      after.set(vip, last);
      continue;
    }
    const bound = entry?.applied?.held.some((item) => item.vip === vip) ?? false;
    // Who was only told to take it may meet an answer of the one before, and does not bind it then.
    if (entry && (bound || last?.released)) after.set(vip, { node, lease: entry.lease, released: false });
    else if (last) after.set(vip, last);
  }
  return after;
}

/** Nodes that are lost: any of them may have held a VIP of which nobody knows who did. */
export const formerHolders = (nodes: NodeTable): readonly NodeEntry[] =>
  [...nodes.values()].filter((entry) => entry.gone === 'lease-ended');

/**
 * What a new holder has to ask the network; undefined where the last holder has let go. Where nobody knows who held the
 * VIP, it may have been any node of `former`.
 *
 * @param answered VIPs whose lost holder has answered not long ago
 */
export function probeBefore(
  last: LastHolders,
  nodes: NodeTable,
  former: readonly NodeEntry[],
  vip: VipAddress,
  node: NodeName,
  answered: ReadonlySet<VipAddress> = new Set(),
): Probe | undefined {
  const holder = last.get(vip);
  if (holder?.released) return undefined;
  const entry = holder && holder.node !== node ? nodes.get(holder.node) : undefined;
  const suspects = holder ? (entry ? [entry] : []) : former;
  const macs = suspects.flatMap(({ interfaces }) => interfaces.flatMap(({ mac }) => (mac === '' ? [] : [mac])));
  return { vip, formerMacs: macs.slice(0, MOST_MACS), insistent: answered.has(vip) };
}
