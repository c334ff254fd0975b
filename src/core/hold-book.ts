import type { Commitments } from './commitments.ts';
import type { HoldVerdict } from './hold-bars.ts';
import { leaseKey } from './lease-verdicts.ts';
import type { VipAddress } from './ids.ts';
import type { Monotonic } from './time.ts';

/** What a master remembers of leases that are over while their nodes may hold VIPs by confirmations (design 3.7). */
export interface HoldBook {
  /** When each was first seen to be over. */
  readonly overSince: ReadonlyMap<string, Monotonic>;
  /** Of these, the ones whose VIPs others were given since: they can not be taken up again. */
  readonly spent: ReadonlySet<string>;
}

export const NO_BOOK: HoldBook = { overSince: new Map(), spent: new Set() };

export function bookHolds(book: HoldBook, { lost }: HoldVerdict, before: Commitments, after: Commitments): HoldBook {
  if (lost.length === 0 && book.overSince.size === 0) return book;
  const given = new Set<VipAddress>();
  for (const [node, { lease, vips }] of after) {
    const known = before.get(node);
    const same = known !== undefined && leaseKey(node, known.lease) === leaseKey(node, lease);
    for (const vip of vips.keys()) if (!(same && known.vips.has(vip))) given.add(vip);
  }
  const spent = lost.filter(({ mayHold }) => [...given].some((vip) => mayHold.has(vip)));
  return {
    overSince: new Map(lost.map(({ key, since }) => [key, since])),
    spent: new Set([...book.spent, ...spent.map(({ key }) => key)]),
  };
}
