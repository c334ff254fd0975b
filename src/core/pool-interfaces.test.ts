import { describe, expect, it } from '@jest/globals';
import { applied, check, held, link, nodeEntry, pool, v } from '../testing/core-builders.ts';
import type { Check } from './checks.ts';
import { NO_HEALTH } from './health-spec.ts';
import { chooseInterface } from './interface-choice.ts';
import { poolName } from './ids.ts';
import type { InterfaceState } from './messages.ts';
import type { NodeEntry } from './node-table.ts';
import type { Pool } from './pool.ts';
import { serviceInterfaces, usedWithoutCarrier } from './pool-interfaces.ts';

const GATEWAY = check('gw', { probe: { type: 'gateway', address: '192.0.2.254', interface: '' } });
const s0 = link();
const s1 = link({ name: 's1', addresses: ['198.51.100.1/24'] });
const s2 = link({ name: 's2', addresses: ['198.51.100.2/24', '2001:db8::2/64'] });
const unplugged = (of: InterfaceState): InterfaceState => ({ ...of, carrier: false });

const BY_SUBNET: Partial<Pool> = { interface: { kind: 'matchSubnet' } };
const named = (...names: readonly string[]): Partial<Pool> => ({ interface: { kind: 'names', names } });
const withChecks = (checks: readonly Check[], over: Partial<Pool>): Pool =>
  pool({ health: { ...NO_HEALTH, checks }, ...over });

const told = (interfaces: readonly InterfaceState[], ...pools: readonly Pool[]): unknown =>
  Object.fromEntries(serviceInterfaces(pools, interfaces));

describe('where VIPs of a pool would be on a node', () => {
  it('are told where a check looks at them without naming them, and nowhere else', () => {
    const over = named('s1');
    const unnamed = check('nic', { probe: { type: 'interface', interface: '' } });
    for (const one of [GATEWAY, unnamed]) expect(told([s0, s1], withChecks([one], over))).toEqual({ nas: ['s1'] });
    const other = check('nic', { probe: { type: 'interface', interface: 's1' } });
    expect(told([s0, s1], withChecks([other, check('nfs')], over))).toEqual({});
  });

  it('by name are the first that has a carrier', () => {
    const of = withChecks([GATEWAY], named('s0', 's1'));
    expect(told([s1, s0], of)).toEqual({ nas: ['s0'] });
    expect(told([unplugged(s0), s1], of)).toEqual({ nas: ['s1'] });
    expect(told([unplugged(s0), unplugged(s1)], of)).toEqual({ nas: ['s0'] });
    expect(told([s2], of)).toEqual({});
  });

  it('by subnet are those that have it, of several one with a carrier', () => {
    const of = withChecks([GATEWAY], { ...BY_SUBNET, vips: [v('192.0.2.9'), v('198.51.100.9')] });
    expect(told([s0, s1, s2], of)).toEqual({ nas: ['s0', 's1'] });
    expect(told([s0, unplugged(s1), s2], of)).toEqual({ nas: ['s0', 's2'] });
    expect(told([s0, unplugged(s1)], of)).toEqual({ nas: ['s0', 's1'] });
    expect(told([s0], withChecks([GATEWAY], { ...BY_SUBNET, vips: [v('203.0.113.9')] }))).toEqual({});
  });

  it('are those that the VIPs are given, also where subnets are within another', () => {
    const wide = link({ name: 'wide', addresses: ['198.51.0.0/16'] });
    const vips = [v('198.51.100.9'), v('198.51.7.9'), v('2001:db8::9')];
    for (const links of [
      [wide, s2],
      [s2, wide],
      [unplugged(s2), wide],
      [s2, unplugged(wide)],
    ]) {
      const chosen = vips.flatMap((vip) => chooseInterface({ kind: 'matchSubnet' }, links, vip)?.name ?? []);
      const of = withChecks([GATEWAY], { ...BY_SUBNET, vips, name: poolName('nas') });
      const { nas } = told(links, of) as { nas: string[] };
      expect(nas.toSorted()).toEqual([...new Set(chosen)].toSorted());
    }
  });
});

describe('an interface without a carrier matters', () => {
  const matter = (interfaces: readonly InterfaceState[], pools: readonly Pool[], over: Partial<NodeEntry> = {}) =>
    usedWithoutCarrier(nodeEntry('node-a', { interfaces, ...over }), pools);
  const spare = link({ name: 's9', carrier: false, addresses: [] });
  const bySubnet = pool({ ...BY_SUBNET, vips: [v('192.0.2.9'), v('198.51.100.9')] });

  it('where a pool of the node names it', () => {
    expect(matter([unplugged(s0), spare], [pool(named('s0'))])).toEqual(['s0']);
    expect(matter([s0, spare], [pool(named('s0'))])).toEqual([]);
    expect(matter([unplugged(s0)], [pool({ ...named('s0'), nodeSelector: { role: 'nas' } })])).toEqual([]);
    expect(matter([unplugged(s0)], [])).toEqual([]);
  });

  it('of several that it names, where it is the one to be used', () => {
    const either = [pool(named('s0', 's1'))];
    expect(matter([s0, unplugged(s1)], either)).toEqual([]);
    expect(matter([unplugged(s0), s1], either)).toEqual([]);
    expect(
      matter([unplugged(s0), s1], either, { applied: applied('node-a', { held: [held(v('192.0.2.9'))] }) }),
    ).toEqual(['s0']);
    expect(matter([unplugged(s0), unplugged(s1)], either)).toEqual(['s0']);
  });

  it('where VIPs are in its subnet', () => {
    expect(matter([unplugged(s0), s1, spare], [bySubnet])).toEqual(['s0']);
    expect(matter([s0, s1, unplugged(link({ name: 's8', addresses: ['203.0.113.1/24'] }))], [bySubnet])).toEqual([]);
  });

  it('where it may have lost the address that VIPs miss', () => {
    const bare = link({ name: 's1', carrier: false, addresses: ['fe80::1/64'] });
    expect(matter([s0, bare], [bySubnet])).toEqual(['s1']);
    expect(matter([s0, s1, spare], [bySubnet])).toEqual([]);
    expect(matter([s0, unplugged(link({ name: 's8', addresses: ['203.0.113.1/24'] }))], [bySubnet])).toEqual([]);
  });

  it('where VIPs are, whatever pools say', () => {
    const on = applied('node-a', { held: [{ ...held(v('192.0.2.1')), interface: 's9' }] });
    expect(matter([s0, spare], [pool(named('s0'))], { applied: on })).toEqual(['s9']);
  });
});
