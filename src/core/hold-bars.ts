/**
 * When a VIP of a pool with `onQuorumLoss: Hold` is free of a node whose lease is over: at least half of the pool has
 * barred the lease, or more than half of the pool is without a lease and every confirmation has run out (design 3.7).
 */
import type { Incarnation, NodeName, PoolName } from './ids.ts';
import { leaseKey, type Verdicts } from './lease-verdicts.ts';
import type { HoldPool, LeaseName } from './messages.ts';
import type { NodeTable } from './node-table.ts';
import { addMs, type Monotonic } from './time.ts';
import { revokeAfterMs, type Timing } from './timing.ts';

/** What the master wants of the peers of one lease. */
export interface BarRecord {
  readonly node: NodeName;
  readonly lease: LeaseName;
  /** Grows with each change of mind. */
  readonly number: number;
  readonly lift: boolean;
  /** Who has barred it, in which life. */
  readonly by: ReadonlyMap<NodeName, Incarnation>;
  /** Sessions that were told of a lift. */
  readonly told: ReadonlySet<number>;
}

export interface Bars {
  readonly records: ReadonlyMap<string, BarRecord>;
  /** When the peers are asked again. */
  readonly askAt: Monotonic;
}

export interface HoldWorld {
  /** Every `Hold` pool with everybody in it. */
  readonly pools: readonly HoldPool[];
  /** What this controller itself has heard of each node. */
  readonly heard: NodeTable;
  readonly verdicts: Verdicts;
  readonly bars: Bars;
  readonly timing: Timing;
}

/** When each lease was first seen to be over, and in which lists of members its holder may trust. */
export interface HoldBook {
  readonly overSince: ReadonlyMap<string, Monotonic>;
  /** Node -> pool -> every list of members that it was told of in this term. */
  readonly told: ReadonlyMap<NodeName, ReadonlyMap<PoolName, readonly (readonly NodeName[])[]>>;
  /** Leases of which something may have been given to others since they were over. */
  readonly spent: ReadonlySet<string>;
}

export const NO_BOOK: HoldBook = { overSince: new Map(), told: new Map(), spent: new Set() };

/** Leases of a node under which it may still hold something by confirmations: those that some controller knows last. */
export function lastLeases(node: NodeName, { heard, verdicts }: HoldWorld): readonly LeaseName[] {
  const own = heard.get(node);
  const found = new Map<string, LeaseName>();
  const add = (lease: LeaseName): void => {
    if (own?.past.some((old) => old.incarnation === lease.incarnation)) return;
    const known = found.get(lease.incarnation);
    if (!known || known.epoch < lease.epoch) found.set(lease.incarnation, lease);
  };
  if (own) add(own.lease);
  for (const item of verdicts.inherited) if (item.node === node) add(item.lease);
  for (const { leases } of verdicts.peers.values())
    for (const item of leases.get(node)?.slice(-1) ?? []) add(item.lease);
  return [...found.values()];
}

/** A bar counts only while its speaker, in the life in which it spoke, is heard and not revoked. */
function hasBarred(world: HoldWorld, node: NodeName, lease: LeaseName, peer: NodeName, now: Monotonic): boolean {
  const record = world.bars.records.get(leaseKey(node, lease));
  const entry = world.heard.get(peer);
  if (!record || record.lift || !entry) return false;
  const fresh = entry.gone === 'no' && now - entry.lastHeard < revokeAfterMs(world.timing);
  return fresh && record.by.get(peer) === entry.lease.incarnation;
}

export interface HoldVerdict {
  /** Pools of which nothing is free. */
  readonly kept: ReadonlySet<PoolName>;
  readonly overSince: ReadonlyMap<string, Monotonic>;
  /** Nodes without a lease that may still hold something. */
  readonly lost: readonly NodeName[];
  /** Some pool gets free by the passing of time. */
  readonly wakeAt: Monotonic;
}

/** @param nodes as judged: `gone` only where the lease is over */
export function judgeHolds(nodes: NodeTable, world: HoldWorld, book: HoldBook, now: Monotonic): HoldVerdict {
  const overSince = new Map<string, Monotonic>();
  const kept = new Set<PoolName>();
  const lost: NodeName[] = [];
  let wakeAt = Number.POSITIVE_INFINITY;
  const isLeased = (node: NodeName): boolean => nodes.get(node)?.gone === 'no';
  for (const [node, entry] of world.pools.length > 0 ? nodes : []) {
    if (entry.gone !== 'lease-ended') continue;
    lost.push(node);
    const told = book.told.get(node);
    for (const lease of lastLeases(node, world)) {
      const key = leaseKey(node, lease);
      const since = book.overSince.get(key) ?? now;
      overSince.set(key, since);
      const endsAt = addMs(since, revokeAfterMs(world.timing));
      for (const pool of world.pools) {
        const current = pool.members.map((member) => member.node);
        const lists = [current, ...(told?.get(pool.name) ?? [])];
        const known = world.heard.has(node);
        if (known && !lists.some((list) => list.includes(node))) continue;
        const isFree = (list: readonly NodeName[]): boolean => {
          const barred = list.filter((peer) => peer !== node && hasBarred(world, node, lease, peer, now)).length;
          if (barred * 2 >= list.length) return true;
          const most = list.filter((peer) => !isLeased(peer)).length * 2 > list.length;
          if (most) wakeAt = Math.min(wakeAt, now < endsAt ? endsAt : Infinity);
          return most && now >= endsAt;
        };
        if (!lists.every(isFree)) kept.add(pool.name);
      }
    }
  }
  return { kept, overSince, lost, wakeAt: wakeAt as Monotonic };
}
