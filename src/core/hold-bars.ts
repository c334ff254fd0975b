/**
 * Which VIPs a node whose lease is over may still hold by the confirmations of its peers (failure model: Hold): none of
 * a pool of which at least half has barred the lease, or of which more than half is without a lease and every
 * confirmation has run out.
 */
import { epoch, incarnation, type Incarnation, type NodeName, type PoolName, type VipAddress } from './ids.ts';
import { knocks } from './known-leases.ts';
import { leaseKey, type NodeLease, sameLease } from './lease-name.ts';
import type { Verdicts } from './lease-verdicts.ts';
import type { HoldRight, LeaseName } from './messages.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
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

/** Stands for every lease of a node: nobody knows one of it, and yet its peers may confirm one. */
export const ANY_LEASE: LeaseName = { incarnation: incarnation('any'), epoch: epoch(1) };

export interface HoldWorld {
  /** The pools that hold without a quorum now, with everybody in them. */
  readonly pools: readonly HoldRight[];
  /** What this controller itself has heard of each node. */
  readonly heard: NodeTable;
  readonly verdicts: Verdicts;
  readonly bars: ReadonlyMap<string, BarRecord>;
  /** Whether a majority of the controllers refuses the lease from now on, whoever hears its node. */
  readonly isRefused: (lease: NodeLease) => boolean;
  readonly timing: Timing;
}

/** A lease that is over, and the VIPs that its node may hold all the same. */
export interface LostLease extends NodeLease {
  readonly key: string;
  /** When that was first seen. */
  readonly since: Monotonic;
  /** Not while others acknowledge it, whom we do not hear say what its node holds. */
  readonly isOver: boolean;
  readonly mayHold: ReadonlySet<VipAddress>;
  /** Of these, the ones that are not free. */
  readonly kept: ReadonlySet<VipAddress>;
}

export interface HoldVerdict {
  readonly lost: readonly LostLease[];
  /** VIPs that are not free. */
  readonly kept: ReadonlySet<VipAddress>;
  /** Leases of which only one thing keeps VIPs: too few controllers know that they have to refuse them. */
  readonly condemned: readonly NodeLease[];
  /** Some VIP gets free by the passing of time. */
  readonly wakeAt: Monotonic;
}

/** Everybody of whom a lease may be confirmed: nodes of which something was ever heard, and members on record. */
export function namesOf({ heard, verdicts, pools }: HoldWorld): ReadonlySet<NodeName> {
  const names = new Set(heard.keys());
  for (const { node } of verdicts.inherited) names.add(node);
  for (const { leases } of verdicts.peers.values()) for (const node of leases.keys()) names.add(node);
  for (const { members } of pools) for (const node of members) names.add(node);
  return names;
}

/** Leases under which the node may still hold something by confirmations: the last one of each life. */
export function lastLeases(node: NodeName, { heard, verdicts }: HoldWorld): readonly LeaseName[] {
  const own = heard.get(node);
  if (own?.gone === 'said-goodbye') return [];
  const found: LeaseName[] = [];
  const add = (lease: LeaseName): void => {
    if (own?.past.some((old) => old.incarnation === lease.incarnation)) return;
    const index = found.findIndex((item) => item.incarnation === lease.incarnation);
    const known = found[index];
    if (!known) found.push(lease);
    else if (known.epoch < lease.epoch) found[index] = lease;
  };
  if (own) add(own.lease);
  for (const item of verdicts.inherited) if (item.node === node) add(item.lease);
  for (const { leases } of verdicts.peers.values()) {
    const newest = leases.get(node)?.at(-1);
    if (newest) add(newest.lease);
  }
  return found.length > 0 ? found : [ANY_LEASE];
}

/**
 * What the node declared under the lease, by anybody's table. A majority knew of it before it counted, and every
 * majority that revoked the lease has a member of that one; where it was forgotten instead, the rights are those of now.
 */
export function rightsUnder(node: NodeName, lease: LeaseName, world: HoldWorld): readonly HoldRight[] {
  const { heard, verdicts, pools } = world;
  const own = heard.get(node);
  const rights: HoldRight[] = own && sameLease(own.lease, lease) ? [...own.holds] : [];
  const tables = [...verdicts.peers.values()].flatMap(({ leases }) => leases.get(node) ?? []);
  for (const item of [...verdicts.inherited.filter((known) => known.node === node), ...tables]) {
    if (sameLease(item.lease, lease)) rights.push(...item.holds);
  }
  if (!verdicts.over.has(leaseKey(node, lease))) rights.push(...pools.filter(({ members }) => members.includes(node)));
  return rights;
}

/** A bar counts only while its speaker, in the life in which it spoke, is heard and not revoked. */
function hasBarred(world: HoldWorld, node: NodeName, lease: LeaseName, peer: NodeName, now: Monotonic): boolean {
  const record = world.bars.get(leaseKey(node, lease));
  const entry = world.heard.get(peer);
  if (!record || record.lift || !entry) return false;
  const fresh = entry.gone === 'no' && now - entry.lastHeard < revokeAfterMs(world.timing);
  return fresh && record.by.get(peer) === entry.lease.incarnation;
}

/** Its heartbeats are refused, so that it can be restored or will let go by itself. */
function isKnocking(node: NodeName, { heard, verdicts, timing }: HoldWorld, now: Monotonic): boolean {
  const own = heard.get(node);
  if (own && knocks(own, now, timing)) return true;
  return [...verdicts.peers.values()].some(({ leases }) => leases.get(node)?.some(({ knocking }) => knocking));
}

/**
 * It tells us itself what it holds. One that only others hear under a lease that no voter knew was given nothing under
 * it; but where the voters had forgotten, its peers may have confirmed what it had before.
 */
const isHeardHere = (judged: NodeEntry | undefined, { heard }: HoldWorld): boolean => {
  if (judged?.gone !== 'no') return false;
  const own = heard.get(judged.node);
  return own !== undefined && sameLease(own.lease, judged.lease);
};

/**
 * @param nodes as judged: `gone` only where the lease is over
 * @param vipsOf the VIPs of a pool, as it is now
 * @param before when each lease was first seen to be over
 */
export function judgeHolds(
  nodes: NodeTable,
  world: HoldWorld,
  vipsOf: (pool: PoolName) => readonly VipAddress[],
  before: ReadonlyMap<string, Monotonic>,
  now: Monotonic,
): HoldVerdict {
  const lost: LostLease[] = [];
  const kept = new Set<VipAddress>();
  const condemned: NodeLease[] = [];
  let wakeAt = Number.POSITIVE_INFINITY;
  const isLeased = (node: NodeName): boolean => nodes.get(node)?.gone === 'no';
  for (const node of namesOf(world)) {
    if (isHeardHere(nodes.get(node), world)) continue;
    for (const lease of lastLeases(node, world)) {
      const rights = rightsUnder(node, lease, world);
      if (rights.length === 0) continue;
      const key = leaseKey(node, lease);
      const since = before.get(key) ?? now;
      const endsAt = addMs(since, revokeAfterMs(world.timing));
      const judged = nodes.get(node);
      const isOver = judged?.gone !== 'no' || !sameLease(judged.lease, lease);
      // Who has forgotten the lease would acknowledge it after its VIPs were given away.
      const isRefused = lease === ANY_LEASE || world.isRefused({ node, lease });
      let isCondemned = false;
      const mayHold = new Set<VipAddress>();
      const ownKept = new Set<VipAddress>();
      for (const { pool, members } of rights) {
        // Addresses may have come to another pool since.
        const held = world.heard.get(node)?.applied?.held.filter((item) => item.pool === pool) ?? [];
        const vips = [...vipsOf(pool), ...held.map(({ vip }) => vip)];
        for (const vip of vips) mayHold.add(vip);
        // Whoever still has the lease, as others tell, needs nobody to confirm it.
        if (isOver) {
          const barred = members.filter((peer) => peer !== node && hasBarred(world, node, lease, peer, now)).length;
          const most = members.filter((peer) => !isLeased(peer)).length * 2 > members.length;
          if (most && now < endsAt) wakeAt = Math.min(wakeAt, endsAt);
          const isException = most && now >= endsAt && !isKnocking(node, world, now);
          if (barred * 2 >= members.length || isException) {
            if (isRefused) continue;
            isCondemned = true;
          }
        }
        for (const vip of vips) ownKept.add(vip);
      }
      for (const vip of ownKept) kept.add(vip);
      if (isCondemned) condemned.push({ node, lease });
      lost.push({ key, node, lease, since, isOver, mayHold, kept: ownKept });
    }
  }
  return { lost, kept, condemned, wakeAt: wakeAt as Monotonic };
}
