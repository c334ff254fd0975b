import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import type { MarkedAddress, NetworkEvent } from '../../ports/network.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import type { NetworkProcessOptions } from '../../testing/network-process.ts';
import { RemoteNetwork } from '../../testing/remote-network.ts';
import { describeWith } from '../../testing/requirements.ts';
import { ServiceNetwork } from '../../testing/service-network.ts';

const OPTIONS: NetworkProcessOptions = {
  interfaces: ['svc0'],
  allowedAddresses: ['192.0.2.0/24', '198.18.0.0/15', '2001:db8::/64'],
  lifetimeSeconds: 30,
};
const vip = (text: string): MarkedAddress => ({
  vip: vipAddress(text),
  interface: 'svc0',
  prefixLength: text.includes(':') ? 128 : 32,
});
const V4 = vip('192.0.2.50');
const V6 = vip('2001:db8::50');

interface IpAddress {
  readonly local: string;
  readonly prefixlen: number;
  readonly valid_life_time: number;
  readonly preferred_life_time: number;
  readonly nodad?: boolean;
  readonly noprefixroute?: boolean;
}
const FOREVER = 0xffff_ffff;

describeWith(HostNamespace.missing(), 'LinuxNetwork: addresses', () => {
  let network: ServiceNetwork;
  let host: HostNamespace;
  const started: RemoteNetwork[] = [];

  beforeEach(async () => {
    network = await ServiceNetwork.create(1);
    host = network.host(1);
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((remote) => remote.close()));
    await network.close();
  });

  const start = async (changes: Partial<NetworkProcessOptions> = {}, wrapper?: string[]): Promise<RemoteNetwork> => {
    const remote = await RemoteNetwork.start(host, { ...OPTIONS, ...changes }, wrapper);
    started.push(remote);
    return remote;
  };
  const addressOf = (text: string): IpAddress | undefined =>
    host
      .ipJson<{ addr_info: IpAddress[] }>('addr show dev svc0')
      .flatMap((link) => link.addr_info)
      .find(({ local }) => local === text);
  const isAbout =
    (kind: 'address-added' | 'address-removed', address: MarkedAddress) =>
    (event: NetworkEvent): boolean =>
      event.kind === kind && event.address.vip === address.vip;

  test('what it adds is there for its lifetime, and gone when removed', async () => {
    const remote = await start();
    expect((await remote.put([V4, V6])).result).toEqual([]);
    expect(addressOf(V4.vip)).toMatchObject({ prefixlen: 32, noprefixroute: true });
    expect(addressOf(V6.vip)).toMatchObject({ prefixlen: 128, noprefixroute: true, nodad: true });
    const lifetimes = [V4, V6].map(({ vip: text }) => addressOf(text)).map((item) => item?.valid_life_time);
    for (const seconds of lifetimes) expect([29, 30]).toContain(seconds);
    expect(addressOf(V4.vip)?.preferred_life_time).toBeGreaterThan(0);
    expect(addressOf(V6.vip)?.preferred_life_time).toBe(0);
    expect(await remote.marked()).toEqual([V4, V6]);

    expect((await remote.remove([V4, V6, vip('192.0.2.51')])).result).toEqual([]);
    expect([addressOf(V4.vip), addressOf(V6.vip)]).toEqual([undefined, undefined]);
    expect(await remote.marked()).toEqual([]);
  });

  test('an address that is not put again is ended by the kernel, one that is put again is not', async () => {
    const remote = await start({ lifetimeSeconds: 2 });
    await remote.put([V4, V6, vip('192.0.2.51')]);
    const refresh = setInterval(() => void remote.put([vip('192.0.2.51')]), 250);
    await remote
      .allEvents(isAbout('address-removed', V4), isAbout('address-removed', V6))
      .finally(() => clearInterval(refresh));
    expect(addressOf(V4.vip)).toBeUndefined();
    expect(await remote.marked()).toEqual([vip('192.0.2.51')]);
  });

  test('a new process finds what an earlier one left, without touching it', async () => {
    const first = await start();
    await first.put([V4, V6]);
    first.kill('SIGKILL');
    await first.ended();
    const second = await start();
    expect(await second.marked()).toEqual([V4, V6]);
    expect((await second.put([V4, V6])).result).toEqual([]);
    expect((await second.remove([V4, V6])).result).toEqual([]);
    expect(addressOf(V4.vip)).toBeUndefined();
  });

  test("somebody else's address stays as it is: putting it is EEXIST, removing it does nothing", async () => {
    host.ip('addr add 192.0.2.50/24 dev svc0');
    host.ip('addr add 2001:db8::50/128 dev svc0 nodad');
    const remote = await start();
    const { result } = await remote.put([V4, V6, vip('192.0.2.51')]);
    expect(result).toEqual([
      { address: V4, code: 'EEXIST' },
      { address: V6, code: 'EEXIST' },
    ]);
    expect((await remote.remove([V4, { ...V4, prefixLength: 24 }, V6])).result).toEqual([]);
    expect(addressOf(V4.vip)).toMatchObject({ prefixlen: 24, valid_life_time: FOREVER });
    expect(addressOf(V6.vip)).toMatchObject({ prefixlen: 128, valid_life_time: FOREVER });
    expect(await remote.marked()).toEqual([vip('192.0.2.51')]);
    const [link] = await remote.interfaces();
    expect(link?.addresses).toEqual(expect.arrayContaining(['192.0.2.1/24', '192.0.2.50/24', '2001:db8::50/128']));
  });

  test("somebody else's address that came since the last event is not changed either", async () => {
    const remote = await start();
    remote.tell('block', 300);
    host.ip('addr add 192.0.2.50/32 dev svc0');
    expect((await remote.put([V4])).result).toEqual([{ address: V4, code: 'EEXIST' }]);
    expect(addressOf(V4.vip)).toMatchObject({ valid_life_time: FOREVER });
  });

  test('interfaces and addresses outside the configuration are refused', async () => {
    host.ip('link add lan0 type veth peer name lan1');
    const remote = await start();
    const onLan = { ...V4, interface: 'lan0' };
    const outside = vip('203.0.113.1');
    expect((await remote.put([onLan, outside])).result).toEqual([
      { address: onLan, code: 'EPERM' },
      { address: outside, code: 'EPERM' },
    ]);
    expect(host.ip('-o addr show')).not.toMatch(/192\.0\.2\.50|203\.0\.113\.1/);
  });

  test('what the kernel refuses is reported for that address alone', async () => {
    host.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/svc0/disable_ipv6');
    const remote = await start();
    expect((await remote.put([V6, V4])).result).toEqual([{ address: V6, code: 'EACCES' }]);
    expect(await remote.marked()).toEqual([V4]);
  });

  test('1000 IPv4 addresses are a matter of milliseconds, all at once and one in the middle not ours', async () => {
    const remote = await start();
    const many = Array.from({ length: 1000 }, (_, index) => vip(`198.18.${index >> 8}.${index & 255}`));
    host.ip('addr add 198.18.1.244/32 dev svc0');
    const { result, ms } = await remote.put(many);
    expect(result).toEqual([{ address: many[500], code: 'EEXIST' }]);
    expect(ms).toBeLessThan(1_000);
    expect(await remote.marked()).toHaveLength(999);
    expect((await remote.remove(many)).result).toEqual([]);
    expect(await remote.marked()).toEqual([]);
    expect(host.ip('-o -4 addr show dev svc0').trim().split('\n')).toHaveLength(2);
  });

  test('own changes are told as events, once', async () => {
    const remote = await start();
    await remote.put([V4, V6]);
    await remote.put([V4, V6]);
    await remote.allEvents(isAbout('address-added', V4), isAbout('address-added', V6));
    await remote.remove([V4]);
    await remote.event(isAbout('address-removed', V4));
    await remote.remove([V6]);
    await remote.event(isAbout('address-removed', V6));
    expect(remote.takeEvents()).toEqual([]);
  });

  test('1000 puts, announcements and the stop leave no file open', async () => {
    const remote = await start();
    await remote.put([V4, V6]);
    await remote.announce([V4, V6]);
    const before = await remote.call<number>('openFiles');
    await remote.call('putTimes', { times: 1000, addresses: [V4, V6] });
    for (let round = 0; round < 20; round++) await remote.announce([V4, V6]);
    expect(await remote.call('openFiles')).toBe(before);
    await remote.call('stop');
    expect(await remote.call('openFiles')).toBe(before - 4); // commands, events, frames, claims
  });

  test('without CAP_NET_ADMIN it does not start, and says what is missing', async () => {
    await expect(start({}, ['setpriv', '--bounding-set', '-net_admin'])).rejects.toThrow(
      /PermissionDenied|not permitted.*CAP_NET_ADMIN/,
    );
  });
});
