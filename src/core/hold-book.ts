import type { Commitments } from './commitments.ts';
import { ANY_LEASE, type HoldVerdict } from './hold-bars.ts';
import type { NodeName, VipAddress } from './ids.ts';
import { type NodeLease, sameLease } from './lease-name.ts';
import type { LeaseName } from './messages.ts';
import type { Monotonic } from './time.ts';

/** A VIP that a lost node may have held, given to another one. */
interface Gift {
  readonly vip: VipAddress;
  readonly node: NodeName;
  readonly lease: LeaseName;
}

/** What a master remembers of leases that are over while nodes may hold VIPs by confirmations (failure model: Hold). */
export interface HoldBook {
  /** When each was first seen to be over. */
  readonly overSince: ReadonlyMap<string, Monotonic>;
  /** Who was given what each of them may hold. */
  readonly gifts: ReadonlyMap<string, GivenAway>;
  /** To be given away as soon as enough controllers refuse the lease. */
  readonly condemned: readonly NodeLease[];
}

interface GivenAway extends NodeLease {
  /** It was over when that was given. */
  readonly isOver: boolean;
  readonly gifts: readonly Gift[];
}

export const NO_BOOK: HoldBook = { overSince: new Map(), gifts: new Map(), condemned: [] };

export function bookHolds(
  book: HoldBook,
  { lost, condemned }: HoldVerdict,
  before: Commitments,
  after: Commitments,
): HoldBook {
  if (lost.length === 0 && book.overSince.size === 0) return book;
  const gifts = new Map(book.gifts);
  const given = newGifts(before, after);
  for (const { key, node, lease, isOver, mayHold } of given.length > 0 ? lost : []) {
    const own = given.filter(({ vip }) => mayHold.has(vip));
    const known = gifts.get(key);
    if (own.length === 0) continue;
    gifts.set(key, { node, lease, isOver: isOver || known?.isOver === true, gifts: [...(known?.gifts ?? []), ...own] });
  }
  return { overSince: new Map(lost.map(({ key, since }) => [key, since])), gifts, condemned };
}

function newGifts(before: Commitments, after: Commitments): Gift[] {
  const gifts: Gift[] = [];
  for (const [node, { lease, vips }] of after) {
    const known = before.get(node);
    const same = known !== undefined && sameLease(known.lease, lease);
    for (const vip of vips.keys()) if (!(same && known.vips.has(vip))) gifts.push({ vip, node, lease });
  }
  return gifts;
}

/**
 * Whether somebody may hold what was given away: the lease can not be taken up again.
 *
 * @param held all that the node of the lease holds; undefined where it may be anything
 */
export const isSpent = (
  { gifts }: HoldBook,
  commitments: Commitments,
  key: string,
  held: readonly VipAddress[] | undefined,
): boolean =>
  (gifts.get(key)?.gifts ?? []).some(({ vip, node, lease }) => {
    if (held && !held.includes(vip)) return false;
    const commitment = commitments.get(node);
    return !commitment || !sameLease(commitment.lease, lease) || commitment.possible.has(vip);
  });

/** Leases that nobody may acknowledge, whoever hears their nodes: what was given away of them, or is about to be. */
export const spentLeases = (book: HoldBook, commitments: Commitments): readonly NodeLease[] => [
  ...book.condemned,
  ...[...book.gifts].flatMap(([key, { node, lease, isOver }]) =>
    isOver && lease !== ANY_LEASE && isSpent(book, commitments, key, undefined) ? [{ node, lease }] : [],
  ),
];
