import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AddressRange } from './address-range.ts';
import { countAddresses, expand, findOverlaps, subtract, union } from './address-set.ts';
import { compareIps, type Ip } from './ip.ts';

/** Small numbers of both families, so that ranges meet often. */
const range: fc.Arbitrary<AddressRange> = fc
  .tuple(fc.constantFrom(4 as const, 6 as const), fc.bigInt(0n, 40n), fc.bigInt(0n, 8n))
  .map(([family, first, more]) => ({ family, first, last: first + more }));
const ranges = fc.array(range, { maxLength: 8 });

/** The reference: every address by itself. */
const addressesOf = ({ family, first, last }: AddressRange): string[] =>
  Array.from({ length: Number(last - first) + 1 }, (_, index) => `${family}/${first + BigInt(index)}`);
const textOf = ({ family, value }: Ip): string => `${family}/${value}`;

describe('address sets', () => {
  test('subtract leaves exactly the addresses that only the first list has, once and in order', () => {
    fc.assert(
      fc.property(ranges, ranges, (wanted, excluded) => {
        const left = expand(subtract(wanted, excluded));
        const without = new Set(excluded.flatMap(addressesOf));
        expect(new Set(left.map(textOf))).toEqual(new Set(wanted.flatMap(addressesOf).filter((a) => !without.has(a))));
        expect(left.every((ip, index) => index === 0 || compareIps(left[index - 1] ?? ip, ip) < 0)).toBe(true);
      }),
    );
  });

  test('union keeps every address and leaves a gap between its ranges', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const merged = union(list);
        expect(new Set(merged.flatMap(addressesOf))).toEqual(new Set(list.flatMap(addressesOf)));
        expect(countAddresses(merged)).toBe(BigInt(new Set(list.flatMap(addressesOf)).size));
        const touching = merged.filter(
          (a, i) => i > 0 && merged[i - 1]?.family === a.family && (merged[i - 1]?.last ?? 0n) + 1n >= a.first,
        );
        expect(touching).toEqual([]);
      }),
    );
  });

  test('findOverlaps names every range that shares an address with an earlier one, and the first such one', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const sets = list.map((item) => new Set(addressesOf(item)));
        const expected = sets.flatMap((set, index) => {
          const other = sets.findIndex((earlier) => [...set].some((address) => earlier.has(address)));
          return other < index ? [{ index, other }] : [];
        });
        expect(findOverlaps(list)).toEqual(expected);
      }),
    );
  });

  test('sizes beyond all memory are only arithmetic', () => {
    const everything = { family: 6, first: 0n, last: (1n << 128n) - 1n } as const;
    const left = subtract([everything], [{ family: 6, first: 1n, last: (1n << 128n) - 2n }]);
    expect(countAddresses([everything])).toBe(1n << 128n);
    expect(expand(left)).toEqual([
      { family: 6, value: 0n },
      { family: 6, value: (1n << 128n) - 1n },
    ]);
  });
});
