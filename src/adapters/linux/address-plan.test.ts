import { describe, expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import { parseCidr } from '../../core/ip.ts';
import type { MarkedAddress } from '../../ports/network.ts';
import { type Permission, planPut, planRemove } from './address-plan.ts';
import { HostState } from './host-state.ts';

const permission: Permission = {
  interfaces: ['svc0', 'svc1'],
  allowedAddresses: [parseCidr('192.0.2.0/24'), parseCidr('fd00::/64')].flatMap((subnet) => subnet ?? []),
};
const vip = (text: string, changes: Partial<MarkedAddress> = {}): MarkedAddress => ({
  vip: vipAddress(text),
  interface: 'svc0',
  prefixLength: text.includes(':') ? 128 : 32,
  ...changes,
});

/** svc0 and lan0 exist; on both, .50 is marked and .60 is not. */
function host(): HostState {
  const state = new HostState();
  for (const [ifindex, name] of [
    [4, 'svc0'],
    [5, 'lan0'],
  ] as const) {
    const mac = Uint8Array.of(2, 0, 0, 0, 0, ifindex);
    state.applyLink({ kind: 'present', link: { ifindex, name, mac, ethernet: true, carrier: true } });
    for (const [ip, protocol] of [
      ['192.0.2.50', 0x56],
      ['192.0.2.60', 0],
    ] as const) {
      const address = { ifindex, ip, family: 4, prefixLength: 32, protocol, flags: 0 } as const;
      state.applyAddress({ kind: 'added', address });
    }
  }
  return state;
}

describe('planPut', () => {
  test('adds what is missing and refreshes what is marked', () => {
    const { planned, errors } = planPut(host(), [vip('192.0.2.50'), vip('192.0.2.51'), vip('fd00::1')], permission);
    expect(planned.map(({ address, ifindex, present }) => [address.vip, ifindex, present])).toEqual([
      ['192.0.2.50', 4, true],
      ['192.0.2.51', 4, false],
      ['fd00::1', 4, false],
    ]);
    expect(errors).toEqual([]);
  });

  test.each<[string, MarkedAddress, string]>([
    ["somebody else's address", vip('192.0.2.60'), 'EEXIST'],
    ["somebody else's address under another prefix length", vip('192.0.2.60', { prefixLength: 24 }), 'EEXIST'],
    ['an interface that may not be touched', vip('192.0.2.51', { interface: 'lan0' }), 'EPERM'],
    ['an address that is not allowed', vip('198.51.100.1'), 'EPERM'],
    ['an interface that does not exist', vip('192.0.2.51', { interface: 'svc1' }), 'ENODEV'],
    ['text that is no address', vip('nonsense'), 'EINVAL'],
  ])('refuses %s', (_, address, code) => {
    expect(planPut(host(), [address], permission)).toEqual({ planned: [], errors: [{ address, code }] });
  });
});

describe('planRemove', () => {
  const removed = (address: MarkedAddress, rules = permission) =>
    planRemove(host(), [address], rules).map((item) => item.address.vip);

  test('takes marked addresses, also those that are no longer allowed', () => {
    expect(removed(vip('192.0.2.50'))).toEqual(['192.0.2.50']);
    expect(removed(vip('192.0.2.50'), { ...permission, allowedAddresses: [] })).toEqual(['192.0.2.50']);
  });

  test.each<[string, MarkedAddress]>([
    ["somebody else's address", vip('192.0.2.60')],
    ['an address that is not there', vip('192.0.2.51')],
    ['a marked address on an interface that may not be touched', vip('192.0.2.50', { interface: 'lan0' })],
    ['an interface that does not exist', vip('192.0.2.50', { interface: 'svc1' })],
    ['another prefix length', vip('192.0.2.50', { prefixLength: 24 })],
  ])('leaves %s', (_, address) => {
    expect(removed(address)).toEqual([]);
  });
});
