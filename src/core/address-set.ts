import { compareRanges, overlap, sizeOf, type AddressRange } from './address-range.ts';
import type { Ip } from './ip.ts';

/** Ranges without common addresses, IPv4 before IPv6, in numeric order. */
export type AddressSet = readonly AddressRange[];

/** Positions of two ranges that have an address in common: the earlier one of the list first. */
export interface Overlap {
  readonly index: number;
  readonly other: number;
}

/** For each range that overlaps an earlier one of the list: that pair, with the earliest such one. */
export function findOverlaps(ranges: readonly AddressRange[]): Overlap[] {
  return ranges.flatMap((range, index) => {
    const other = ranges.findIndex((candidate) => overlap(candidate, range));
    return other < index ? [{ index, other }] : [];
  });
}

/** The union of `ranges` without every address of `excluded`. Works on the ends, so size does not matter. */
export function subtract(ranges: readonly AddressRange[], excluded: readonly AddressRange[]): AddressSet {
  return union(ranges).flatMap((range) => cut(range, union(excluded)));
}

/** Merges ranges that overlap or touch. */
export function union(ranges: readonly AddressRange[]): AddressSet {
  const merged: AddressRange[] = [];
  for (const range of [...ranges].sort(compareRanges)) {
    const previous = merged.at(-1);
    if (previous?.family === range.family && range.first <= previous.last + 1n) {
      if (range.last > previous.last) merged[merged.length - 1] = { ...previous, last: range.last };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** What is left of one range; `excluded` is in order. */
function cut(range: AddressRange, excluded: AddressSet): AddressRange[] {
  const left: AddressRange[] = [];
  let first = range.first;
  for (const hole of excluded) {
    if (!overlap(hole, range)) continue;
    if (hole.first > first) left.push({ family: range.family, first, last: hole.first - 1n });
    first = hole.last + 1n;
  }
  if (first <= range.last) left.push({ family: range.family, first, last: range.last });
  return left;
}

/** Number of addresses. */
export const countAddresses = (set: AddressSet): bigint => set.reduce((sum, range) => sum + sizeOf(range), 0n);

/** Every address, in order. The caller has checked countAddresses. */
export function expand(set: AddressSet): Ip[] {
  return set.flatMap(({ family, first, last }) =>
    Array.from({ length: Number(last - first + 1n) }, (_, offset) => ({ family, value: first + BigInt(offset) })),
  );
}
