import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compareRanges, overlap, parsePoolAddress, parseRange, parseVipRange, sizeOf } from './address-range.ts';
import { formatIp } from './ip.ts';
import { SCHEMA_MESSAGES } from './pool-messages.ts';

describe('parseRange', () => {
  test.each([
    ['192.0.2.10', 4, 0xc000020an, 1n],
    ['192.0.2.10-192.0.2.15', 4, 0xc000020an, 6n],
    ['192.0.2.32/30', 4, 0xc0000220n, 4n],
    ['0.0.0.0/0', 4, 0n, 1n << 32n],
    ['::/0', 6, 0n, 1n << 128n],
    ['2001:db8::10-2001:db8::1f', 6, (0x20010db8n << 96n) + 16n, 16n],
  ])('%s', (text, family, first, size) => {
    expect(parseRange(text)).toEqual({ ok: true, range: { family, first, last: first + size - 1n } });
  });

  test.each([
    ['192.0.2.10-192.0.2.15-192.0.2.20', SCHEMA_MESSAGES.addressSyntax],
    ['192.0.2.10-', SCHEMA_MESSAGES.addressSyntax],
    ['192.0.2.10-15', SCHEMA_MESSAGES.addressSyntax],
    ['-192.0.2.15', SCHEMA_MESSAGES.addressSyntax],
    ['::ffff:192.0.2.1', SCHEMA_MESSAGES.addressSyntax],
    ['::ffff:0:0/96', SCHEMA_MESSAGES.addressSyntax],
    ['192.0.2.0/33', SCHEMA_MESSAGES.addressSyntax],
    ['192.0.2.33/30', SCHEMA_MESSAGES.hostBits],
    ['192.0.2.1-2001:db8::1', SCHEMA_MESSAGES.rangeFamilies],
    ['2001:db8::2-2001:db8::1', SCHEMA_MESSAGES.rangeInverted],
  ])('refuses %s', (text, message) => {
    expect(parseRange(text)).toEqual({ ok: false, message });
  });

  test('reads back any two ends of one family, in order or not', () => {
    const ends = fc.constantFrom(4 as const, 6 as const).chain((family) => {
      const value = fc.bigInt(family === 6 ? 1n << 64n : 0n, (1n << (family === 4 ? 32n : 128n)) - 1n);
      return fc.tuple(fc.constant(family), value, value);
    });
    fc.assert(
      fc.property(ends, ([family, a, b]) => {
        const parsed = parseRange(`${formatIp({ family, value: a })}-${formatIp({ family, value: b })}`);
        const expected =
          a <= b
            ? { ok: true, range: { family, first: a, last: b } }
            : { ok: false, message: SCHEMA_MESSAGES.rangeInverted };
        expect(parsed).toEqual(expected);
      }),
    );
  });
});

describe('parseVipRange', () => {
  test.each(['10.0.0.0/21', '10.0.0.1-10.0.8.0', '2001:db8::/117', '100.64.0.1', '240.0.0.1'])('allows %s', (text) => {
    expect(parseVipRange(text)).toEqual(parseRange(text));
  });

  test.each([
    ['10.0.0.0/20', SCHEMA_MESSAGES.blockTooLarge],
    ['10.0.0.0-10.0.8.0', SCHEMA_MESSAGES.rangeTooLarge],
    ['126.255.255.250-127.0.0.1', SCHEMA_MESSAGES.notUnicast],
    ['223.255.255.255-224.0.0.1', SCHEMA_MESSAGES.notUnicast],
    ['255.255.255.255', SCHEMA_MESSAGES.notUnicast],
    ['::/127', SCHEMA_MESSAGES.notUnicast],
    ['febf::1', SCHEMA_MESSAGES.notUnicast],
  ])('refuses %s', (text, message) => {
    expect(parseVipRange(text)).toEqual({ ok: false, message });
  });
});

test('an address of one family never overlaps one of the other', () => {
  const v4 = { family: 4, first: 1n, last: 9n } as const;
  const v6 = { family: 6, first: 1n, last: 9n } as const;
  expect(overlap(v4, v6)).toBe(false);
  expect(compareRanges(v6, v4)).toBeGreaterThan(0);
  expect(sizeOf(v4)).toBe(9n);
});

test('a single address has no prefix length, zone or disguise', () => {
  expect(['192.0.2.1/32', '2001:db8::1%eth0', '::ffff:192.0.2.1', '192.0.2.1'].map(parsePoolAddress)).toEqual([
    undefined,
    undefined,
    undefined,
    { family: 4, value: 0xc0000201n },
  ]);
});
