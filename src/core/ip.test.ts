import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isIPv4, isIPv6 } from 'node:net';
import { compareIps, formatIp, ipFromBytes, ipToBytes, parseCidr, parseIp, subnetContains, subnetRange } from './ip.ts';

describe('addresses', () => {
  it.each([
    ['192.0.2.10', '192.0.2.10'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['fe80::', 'fe80::'],
  ])('reads %s as %s', (text, canonical) => {
    const ip = parseIp(text);
    expect(ip && formatIp(ip)).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    ':::',
    '1::2::3',
    '12345::',
    'g::1',
    '::1/64',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1.2.3',
  ])('refuses %j', (text) => expect(parseIp(text)).toBeUndefined());

  it('accepts what the platform accepts and nothing else', () => {
    const texts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/));
    fc.assert(
      fc.property(texts, (text) => {
        expect(parseIp(text) !== undefined).toBe(isIPv4(text) || (isIPv6(text) && !text.includes('%')));
      }),
      { numRuns: 2_000 },
    );
  });

  it('survives text and bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ip = parseIp(text);
        if (!ip) throw new Error(text);
        expect(parseIp(formatIp(ip))).toEqual(ip);
        expect(ipFromBytes(ipToBytes(ip))).toEqual(ip);
      }),
    );
  });

  it('orders IPv4 before IPv6 and by value', () => {
    const texts = ['2001:db8::1', '10.0.0.2', '9.255.255.255', '::1'];
    const sorted = texts
      .flatMap((text) => parseIp(text) ?? [])
      .sort(compareIps)
      .map(formatIp);
    expect(sorted).toEqual(['9.255.255.255', '10.0.0.2', '::1', '2001:db8::1']);
  });
});

describe('subnets', () => {
  it.each([
    ['192.0.2.77/30', '192.0.2.76', '192.0.2.79'],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
    ['2001:db8::5/126', '2001:db8::4', '2001:db8::7'],
    ['192.0.2.1/32', '192.0.2.1', '192.0.2.1'],
  ])('%s spans %s to %s', (text, first, last) => {
    const subnet = parseCidr(text);
    if (!subnet) throw new Error(text);
    const range = subnetRange(subnet);
    expect([formatIp(range.first), formatIp(range.last)]).toEqual([first, last]);
    expect(subnetContains(subnet, range.first) && subnetContains(subnet, range.last)).toBe(true);
  });

  it.each(['192.0.2.0', '192.0.2.0/33', '192.0.2.0/-1', '192.0.2.0/01', '::/129', '192.0.2.0/24/1', 'x/24'])(
    'refuses %j',
    (text) => expect(parseCidr(text)).toBeUndefined(),
  );

  it('contains no address of the other family', () => {
    const all4 = parseCidr('0.0.0.0/0');
    const v6 = parseIp('::1');
    expect(all4 && v6 && subnetContains(all4, v6)).toBe(false);
  });
});
