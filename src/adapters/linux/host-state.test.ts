import { describe, expect, test } from '@jest/globals';
import { HostState } from './host-state.ts';
import type { InterfaceAddress } from './rtnetlink-address.ts';
import type { Link } from './rtnetlink-link.ts';

const MARK = 0x56;
const link = (changes: Partial<Link> = {}): Link => ({
  ifindex: 4,
  name: 'svc0',
  mac: Uint8Array.of(2, 0, 0, 0, 0, 7),
  ethernet: true,
  carrier: true,
  ...changes,
});
const address = (changes: Partial<InterfaceAddress> = {}): InterfaceAddress => ({
  ifindex: 4,
  ip: '192.0.2.50',
  family: 4,
  prefixLength: 32,
  protocol: MARK,
  flags: 0,
  ...changes,
});
const state = (links: readonly Link[], addresses: readonly InterfaceAddress[]): HostState => {
  const host = new HostState();
  for (const item of links) host.applyLink({ kind: 'present', link: item });
  for (const item of addresses) host.applyAddress({ kind: 'added', address: item });
  return host;
};
const own = address({ ip: '192.0.2.7', prefixLength: 24, protocol: 0 });

describe('HostState', () => {
  test('tells the own addresses from the marked ones', () => {
    const host = state([link()], [own, address()]);
    expect(host.interfaces(['svc0'])).toEqual([
      { name: 'svc0', mac: '02:00:00:00:00:07', carrier: true, addresses: ['192.0.2.7/24'] },
    ]);
    expect(host.marked(['svc0'])).toEqual([{ vip: '192.0.2.50', interface: 'svc0', prefixLength: 32 }]);
  });

  test('leaves out own addresses that are not usable (tentative, duplicate)', () => {
    const host = state([link()], [own, { ...own, ip: 'fe80::1', flags: 0x40 }, { ...own, ip: 'fe80::2', flags: 0x08 }]);
    expect(host.interfaces(['svc0'])[0]?.addresses).toEqual(['192.0.2.7/24']);
  });

  test('knows only the interfaces that it is asked for and that exist', () => {
    const host = state([link(), link({ ifindex: 5, name: 'lan0' })], [address({ ifindex: 5 })]);
    expect(host.interfaces(['svc0', 'svc1']).map(({ name }) => name)).toEqual(['svc0']);
    expect(host.marked(['svc0', 'svc1'])).toEqual([]);
  });

  test('an address may come before its interface gets the name', () => {
    const host = state([link({ name: 'new0' })], [address()]);
    expect(host.marked(['svc0'])).toEqual([]);
    host.applyLink({ kind: 'present', link: link() });
    expect(host.marked(['svc0'])).toHaveLength(1);
    expect(host.linkNamed('new0')).toBeUndefined();
  });

  test('an interface that comes back under another index has none of its old addresses', () => {
    const host = state([link()], [address()]);
    host.applyLink({ kind: 'gone', ifindex: 4 });
    expect(host.interfaces(['svc0'])).toEqual([]);
    host.applyLink({ kind: 'present', link: link({ ifindex: 9 }) });
    expect(host.linkNamed('svc0')?.ifindex).toBe(9);
    expect(host.marked(['svc0'])).toEqual([]);
  });

  test('the new interface of a name may be told before the end of the old one', () => {
    const host = state([link(), link({ ifindex: 9 })], []);
    host.applyLink({ kind: 'gone', ifindex: 4 });
    expect(host.linkNamed('svc0')?.ifindex).toBe(9);
  });

  test('an IPv4 address with another prefix length is another entry', () => {
    const host = state([link()], [address(), address({ prefixLength: 24, protocol: 0 })]);
    expect(host.foreignEntry(4, '192.0.2.50')?.prefixLength).toBe(24);
    expect(host.markedEntry(4, '192.0.2.50', 32)).toBeDefined();
    expect(host.markedEntry(4, '192.0.2.50', 24)).toBeUndefined();
    host.applyAddress({ kind: 'removed', address: address({ prefixLength: 24 }) });
    expect(host.foreignEntry(4, '192.0.2.50')).toBeUndefined();
    expect(host.marked(['svc0'])).toHaveLength(1);
  });
});
