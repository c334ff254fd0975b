import { describe, expect, test } from '@jest/globals';
import { ipFromBytes, parseIp, type Ip } from '../../core/ip.ts';
import { recorded, type RECORDED } from '../../testing/recorded-netlink.ts';
import { attributesOf, messagesOf, type NetlinkMessage } from './netlink-message.ts';
import { decodeAddress, encodeDeleteAddress, encodeNewAddress } from './rtnetlink-address.ts';

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(`not an address: ${text}`);
  return parsed;
};
const only = (datagram: Buffer): NetlinkMessage => {
  const [message, ...rest] = messagesOf(datagram);
  if (!message || rest.length > 0) throw new Error('not one message');
  return message;
};
const decode = (name: keyof typeof RECORDED) => decodeAddress(only(recorded(name)));

describe('decodeAddress', () => {
  test('reads IPv4 addresses with and without our mark', () => {
    expect(decode('markedIpv4Added')).toEqual({
      kind: 'added',
      address: { ifindex: 4, ip: '192.0.2.50', family: 4, prefixLength: 32, protocol: 0x56, flags: 0x200 },
    });
    expect(decode('foreignIpv4Added')).toEqual({
      kind: 'added',
      address: { ifindex: 4, ip: '192.0.2.7', family: 4, prefixLength: 24, protocol: 0, flags: 0x80 },
    });
  });

  test('reads an IPv6 address, whose flags are deprecated, no DAD, no prefix route', () => {
    expect(decode('markedIpv6Added')).toEqual({
      kind: 'added',
      address: { ifindex: 4, ip: 'fd00::50', family: 6, prefixLength: 128, protocol: 0x56, flags: 0x222 },
    });
  });

  test('reads removals', () => {
    expect(decode('markedIpv4Removed')).toMatchObject({ kind: 'removed', address: { ip: '192.0.2.50' } });
    expect(decode('markedIpv6Removed')).toMatchObject({ kind: 'removed', address: { ip: 'fd00::50' } });
  });

  test('is not about links', () => {
    expect(decode('linkUp')).toBeUndefined();
  });
});

describe('encodeNewAddress', () => {
  const fields = (message: Buffer) => {
    const { type, flags, payload } = only(message);
    const attributes = attributesOf(payload, 8);
    const words = (at: number): number[] => {
      const bytes = attributes.get(at) ?? Buffer.alloc(0);
      return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4));
    };
    return {
      type,
      flags,
      header: [...payload.subarray(0, 8)],
      local: ipFromBytes(attributes.get(2) ?? Buffer.alloc(0)),
      preferredAndValid: words(6).slice(0, 2),
      addressFlags: words(8),
      protocol: [...(attributes.get(11) ?? [])],
    };
  };

  test('IPv4 of full length: marked, without a route, preferred for its whole life', () => {
    expect(fields(encodeNewAddress({ ifindex: 7, ip: ip('192.0.2.50'), prefixLength: 32 }, 30, true))).toEqual({
      type: 20,
      flags: 0x1 | 0x400 | 0x200, // request, create, exclusive
      header: [2, 32, 0, 0, 7, 0, 0, 0],
      local: ip('192.0.2.50'),
      preferredAndValid: [30, 30],
      addressFlags: [0x200],
      protocol: [0x56],
    });
  });

  test('IPv6: no duplicate detection, never preferred; refreshed in place', () => {
    expect(fields(encodeNewAddress({ ifindex: 7, ip: ip('fd00::50'), prefixLength: 128 }, 30, false))).toEqual({
      type: 20,
      flags: 0x1 | 0x400 | 0x100, // request, create, replace
      header: [10, 128, 0, 0, 7, 0, 0, 0],
      local: ip('fd00::50'),
      preferredAndValid: [0, 30],
      addressFlags: [0x202],
      protocol: [0x56],
    });
  });

  test('a shorter prefix brings the route of its subnet', () => {
    const { addressFlags } = fields(encodeNewAddress({ ifindex: 7, ip: ip('192.0.2.50'), prefixLength: 24 }, 30, true));
    expect(addressFlags).toEqual([0]);
  });

  test('what it encodes is what decodeAddress reads', () => {
    const target = { ifindex: 7, ip: ip('fd00::50'), prefixLength: 128 };
    expect(decodeAddress(only(encodeNewAddress(target, 30, true)))).toEqual({
      kind: 'added',
      address: { ifindex: 7, ip: 'fd00::50', family: 6, prefixLength: 128, protocol: 0x56, flags: 0x202 },
    });
    expect(decodeAddress(only(encodeDeleteAddress(target)))).toMatchObject({
      kind: 'removed',
      address: { ifindex: 7 },
    });
  });
});
