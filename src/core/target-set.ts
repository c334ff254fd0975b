/** The full set of VIPs for one node, and the assignment that tells the node so. */
import { type Blockers, type Commitment, isFree, isHeldByNoOther } from './commitments.ts';
import type { NodeName, PoolName, VipAddress } from './ids.ts';
import { chooseInterface } from './interface-choice.ts';
import type { AnnouncePolicy, AssignedVip, Assignment, HoldPool, PoolMember, Probe } from './messages.ts';
import type { NodeEntry } from './node-table.ts';
import type { Placed } from './placement/place.ts';
import type { PoolPlans } from './placement/plans.ts';
import type { Pool } from './pool.ts';
import { compareTerms, type Term } from './term.ts';
import type { Monotonic } from './time.ts';

export interface TargetWorld {
  /** The manifest of such a pool cannot be read now: its VIPs stay exactly where they are. */
  readonly isFrozen: (pool: PoolName) => boolean;
  /** Until then this controller may not have heard of every node that holds a lease: nothing is free. */
  readonly blindUntil: Monotonic;
}

const DEFAULT_ANNOUNCE: AnnouncePolicy = { count: 5, intervalMs: 1_100, refreshMs: 0 };

/** A VIP that a node shall have or has. */
export interface Concern {
  readonly vip: VipAddress;
  readonly pool: Pool;
  readonly decision: Placed;
}

/** In the order of the plans. */
export function concernsOf(
  plans: PoolPlans,
  holders: ReadonlyMap<VipAddress, NodeName>,
): ReadonlyMap<NodeName, readonly Concern[]> {
  const concerns = new Map<NodeName, Concern[]>();
  const add = (node: NodeName | undefined, concern: Concern): void => {
    if (node === undefined) return;
    const list = concerns.get(node);
    if (list) list.push(concern);
    else concerns.set(node, [concern]);
  };
  for (const { pool, result } of plans.values()) {
    for (const [vip, decision] of result) {
      const concern = { vip, pool, decision };
      const holder = holders.get(vip);
      add(decision.node, concern);
      if (holder !== decision.node) add(holder, concern);
    }
  }
  return concerns;
}

/** The full set for one node: what it shall have and nobody else may still hold, and what it cannot yet be relieved of. */
export function targetSet(
  entry: NodeEntry,
  plans: PoolPlans,
  concerns: readonly Concern[],
  holders: ReadonlyMap<VipAddress, NodeName>,
  blockers: Blockers,
  waiting: ReadonlySet<VipAddress>,
  world: TargetWorld,
  commitment: Commitment | undefined,
  now: Monotonic,
): Map<VipAddress, AssignedVip> {
  const { node } = entry;
  const blind = now < world.blindUntil;
  const vips = new Map<VipAddress, AssignedVip>();
  // Its own word that it holds a VIP may be older than its last release: no proof while another may hold it as well (!).
  const holdsIt = (vip: VipAddress): boolean =>
    holders.get(vip) === node && (commitment?.vips.has(vip) === true || isHeldByNoOther(blockers, vip, node));
  for (const { vip, pool, decision } of concerns) {
    const { node: target, released } = decision;
    const holds = holdsIt(vip);
    const mine =
      target === node
        ? holds || (!blind && isFree(blockers, vip, node))
        : // Taken away only when the next holder can have it at once.
          holds &&
          !released &&
          (target === undefined || blind || waiting.has(vip) || !isFree(blockers, vip, node, target));
    const link = mine ? chooseInterface(pool.interface, entry.interfaces, vip)?.name : undefined;
    const carrier = link ?? commitment?.vips.get(vip)?.interface;
    if (!mine || carrier === undefined) continue;
    const prefixLength = pool.prefixLength[vip.includes(':') ? 6 : 4];
    vips.set(vip, { vip, pool: pool.name, interface: carrier, prefixLength, announce: pool.announce });
  }
  for (const held of entry.applied?.held ?? []) {
    if (vips.has(held.vip) || !holdsIt(held.vip) || !world.isFrozen(held.pool)) continue;
    if ([...plans.values()].some(({ result }) => result.has(held.vip))) continue;
    vips.set(held.vip, commitment?.vips.get(held.vip) ?? { ...held, announce: DEFAULT_ANNOUNCE });
  }
  return vips;
}

/** A new version where the set changed; the same one again on a new stream, because the old one may have lost it. */
export function commit(
  term: Term,
  entry: NodeEntry,
  current: Commitment | undefined,
  lastVersion: number,
  vips: ReadonlyMap<VipAddress, AssignedVip>,
  holdPools: readonly HoldPool[],
  probeBefore: (vip: VipAddress) => Probe | undefined,
): [Commitment, Assignment | undefined] {
  const session = entry.session ?? Number.NaN;
  // A node whose lease had a gap has passed over every version of before.
  const report = entry.applied?.term && compareTerms(entry.applied.term, term) === 0 ? entry.applied.version : 0;
  const passedOver = current !== undefined && report > current.version;
  const changed =
    !current ||
    current.resumed ||
    passedOver ||
    !sameSet(current.vips, vips) ||
    !sameHoldPools(current.holdPools, holdPools);
  if (!changed && current.session === session) return [current, undefined];
  const version = changed ? Math.max(lastVersion, report) + 1 : current.version;
  const possible = new Set([...(current?.possible ?? []), ...vips.keys()]);
  const commitment = {
    lease: entry.lease,
    session,
    version,
    vips,
    holdPools,
    settled: current?.settled ?? false,
    possible,
    resumed: false,
  };
  const held = new Set(entry.applied?.held.map((item) => item.vip));
  const probes = [...vips.keys()].flatMap((vip) => (held.has(vip) ? [] : (probeBefore(vip) ?? [])));
  return [
    commitment,
    { term, version, node: entry.node, lease: entry.lease, vips: [...vips.values()], probes, holdPools },
  ];
}

const sameHoldPools = (a: readonly HoldPool[], b: readonly HoldPool[]): boolean =>
  a === b || (a.length === b.length && a.every((pool, index) => isSameHoldPool(pool, b[index])));

const isSameHoldPool = ({ name, members }: HoldPool, other: HoldPool | undefined): boolean =>
  name === other?.name &&
  members.length === other.members.length &&
  members.every((member, index) => isSameMember(member, other.members[index]));

const isSameMember = ({ node, addresses }: PoolMember, other: PoolMember | undefined): boolean =>
  node === other?.node && (addresses === other.addresses || addresses.join() === other.addresses.join());

function sameSet(a: ReadonlyMap<VipAddress, AssignedVip>, b: ReadonlyMap<VipAddress, AssignedVip>): boolean {
  if (a.size !== b.size) return false;
  for (const [vip, item] of a) {
    const other = b.get(vip);
    if (!other || !isSame(item, other)) return false;
  }
  return true;
}

const isSame = (a: AssignedVip, b: AssignedVip): boolean =>
  a.pool === b.pool &&
  a.interface === b.interface &&
  a.prefixLength === b.prefixLength &&
  (a.announce === b.announce || JSON.stringify(a.announce) === JSON.stringify(b.announce));
