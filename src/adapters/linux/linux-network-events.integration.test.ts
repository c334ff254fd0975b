import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
  allowedAddresses: ['192.0.2.0/24', '2001:db8::/64'],
  lifetimeSeconds: 30,
};
const vip = (text: string): MarkedAddress => ({
  vip: vipAddress(text),
  interface: 'svc0',
  prefixLength: text.includes(':') ? 128 : 32,
});
const V4 = vip('192.0.2.50');
const V6 = vip('2001:db8::50');
/** Far below the 1 s of the safety drain: only a signal can be so fast. */
const BY_SIGNAL_MS = 250;

const removed =
  (address: MarkedAddress) =>
  (event: NetworkEvent): boolean =>
    event.kind === 'address-removed' && event.address.vip === address.vip;
const carrier =
  (on: boolean) =>
  (event: NetworkEvent): boolean =>
    event.kind === 'interfaces' && event.interfaces.some((link) => link.carrier === on);
const noInterface = (event: NetworkEvent): boolean => event.kind === 'interfaces' && event.interfaces.length === 0;
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

describeWith(HostNamespace.missing(), 'LinuxNetwork: events', () => {
  let network: ServiceNetwork;
  let host: HostNamespace;
  let remote: RemoteNetwork;

  beforeEach(async () => {
    network = await ServiceNetwork.create(1);
    host = network.host(1);
    remote = await RemoteNetwork.start(host, OPTIONS);
  });
  afterEach(async () => {
    await remote.close();
    await network.close();
  });
  const restart = async (changes: Partial<NetworkProcessOptions>): Promise<void> => {
    await remote.close();
    remote = await RemoteNetwork.start(host, { ...OPTIONS, ...changes });
  };
  const holdBoth = async (): Promise<void> => {
    await remote.put([V4, V6]);
    await remote.event((event) => event.kind === 'address-added' && event.address.vip === V6.vip);
  };

  test('a deletion by somebody else is told at once, and can be undone', async () => {
    await holdBoth();
    const delays: number[] = [];
    for (let round = 0; round < 5; round++) {
      const begun = now();
      host.ip('addr del 192.0.2.50/32 dev svc0');
      delays.push((await remote.event(removed(V4))).at - begun);
      expect(await remote.marked()).toEqual([V6]);
      expect((await remote.put([V4])).result).toEqual([]);
    }
    expect(median(delays)).toBeLessThan(BY_SIGNAL_MS);
  });

  test('carrier loss and return are told at once; addresses stay', async () => {
    await holdBoth();
    const delays: number[] = [];
    for (let round = 0; round < 5; round++) {
      const begun = now();
      network.switch.ip('link set port1 down');
      delays.push((await remote.event(carrier(false))).at - begun);
      expect(await remote.interfaces()).toMatchObject([{ name: 'svc0', carrier: false }]);
      network.switch.ip('link set port1 up');
      await remote.event(carrier(true));
    }
    expect(median(delays)).toBeLessThan(BY_SIGNAL_MS);
    expect(await remote.marked()).toEqual([V4, V6]);
  });

  test('a carrier that was away for a moment is told, though it is back already', async () => {
    remote.tell('block', 300);
    network.switch.ip('link set port1 down');
    network.switch.ip('link set port1 up');
    await remote.event(carrier(false));
    await remote.event(carrier(true));
  });

  test('switching the link off takes the IPv6 addresses; they can be put back before and after it is on', async () => {
    await holdBoth();
    host.ip('link set svc0 down');
    await remote.allEvents(carrier(false), removed(V6));
    expect(await remote.marked()).toEqual([V4]);
    host.ip('link set svc0 up');
    await remote.event(carrier(true));
    expect((await remote.put([V4, V6])).result).toEqual([]);
    expect(host.ip('-o addr show dev svc0')).toMatch(/2001:db8::50\/128/);

    host.ip('link set svc0 down');
    await remote.event(removed(V6));
    expect((await remote.put([V6])).result).toEqual([]);
    host.ip('link set svc0 up');
    await remote.event(carrier(true));
    expect(await remote.marked()).toEqual([V4, V6]);
    expect(host.ip('-6 route show table local')).toMatch(/local 2001:db8::50 /);
  });

  test('an interface may go and come back under another index', async () => {
    await holdBoth();
    await remote.announce([V4, V6]);
    network.switch.ip('link del port1');
    await remote.allEvents(noInterface, removed(V4), removed(V6));
    expect(await remote.interfaces()).toEqual([]);
    expect(await remote.marked()).toEqual([]);
    expect((await remote.put([V4])).result).toEqual([{ address: V4, code: 'ENODEV' }]);

    network.plugIn(1);
    await remote.event(carrier(true));
    expect((await remote.put([V4, V6])).result).toEqual([]);
    await remote.announce([V4, V6]);
    expect(await remote.call('counts')).toEqual({});
  });

  test('an interface may appear later, by creation or by renaming', async () => {
    await restart({ interfaces: ['new0', 'svc0'] });
    host.ip('link add old0 type veth peer name old1');
    host.ip('link set old1 up');
    host.ip('addr add 192.0.2.99/24 dev old0');
    host.ip('link set old0 name new0');
    host.ip('link set new0 up');
    const both = (event: NetworkEvent): boolean =>
      event.kind === 'interfaces' && event.interfaces.every((link) => link.carrier) && event.interfaces.length === 2;
    const { event } = await remote.event(both);
    expect(event).toMatchObject({
      interfaces: [{ name: 'new0', addresses: expect.arrayContaining(['192.0.2.99/24']) }, { name: 'svc0' }],
    });
  });

  test("changes of the host's own addresses are told, those of other interfaces are not", async () => {
    host.ip('addr add 192.0.2.77/24 dev lo');
    host.ip('addr add 192.0.2.78/24 dev svc0');
    const { event } = await remote.event(({ kind }) => kind === 'interfaces');
    expect(event).toMatchObject({ interfaces: [{ addresses: expect.arrayContaining(['192.0.2.78/24']) }] });
    expect(remote.takeEvents()).toEqual([]);
  });

  test('a bridge port that leaves its bridge is still an interface', async () => {
    host.ip('link add br0 type bridge');
    host.ip('link set svc0 master br0');
    host.ip('link set svc0 nomaster');
    host.ip('link set br0 down');
    host.ip('addr add 192.0.2.78/24 dev svc0');
    await remote.event(({ kind }) => kind === 'interfaces');
    expect(await remote.interfaces()).toMatchObject([{ name: 'svc0', carrier: true }]);
  });

  test('lost events are noticed, and everything is read again', async () => {
    await restart({ eventBufferBytes: 4_096 });
    await holdBoth();
    remote.tell('block', 500);
    const lines = Array.from({ length: 500 }, (_, index) => `addr add 198.18.${index >> 8}.${index & 255}/32 dev svc0`);
    host.ipBatch([...lines, 'addr del 192.0.2.50/32 dev svc0']);
    await remote.allEvents(({ kind }) => kind === 'overflow', removed(V4));
    expect(await remote.marked()).toEqual([V6]);
    const [link] = await remote.interfaces();
    expect(link?.addresses.filter((address) => address.startsWith('198.18.'))).toHaveLength(500);
    expect(await remote.call('counts')).toMatchObject({ network_event_overflows_total: expect.any(Number) });

    host.ip('addr del 2001:db8::50/128 dev svc0');
    await remote.event(removed(V6));
  });

  test.each([
    ['ends with its code', 'exit', 3, { code: 3, signal: null }],
    ['dies of an uncaught exception', 'crash', null, { code: 1, signal: null }],
  ] as const)(
    'a process that %s ends at once with everything open, and its addresses stay',
    async (_, command, argument, end) => {
      await holdBoth();
      await remote.announce([V4, V6]);
      const begun = now();
      remote.tell(command, argument);
      expect(await remote.ended()).toEqual(end);
      expect(now() - begun).toBeLessThan(2_000);
      expect(host.ip('-o addr show dev svc0')).toMatch(/192\.0\.2\.50\/32/);
    },
  );

  test('a process ends by itself after stop, also while events pour in', async () => {
    await holdBoth();
    const lines = Array.from(
      { length: 4_000 },
      (_, index) => `addr ${index & 1 ? 'del' : 'add'} 198.18.0.1/32 dev svc0`,
    );
    const [file, args] = host.inside('ip', '-batch', '-');
    const storm = spawn(file, args, { stdio: ['pipe', 'ignore', 'inherit'] });
    storm.stdin.end(lines.join('\n'));
    await remote.event(({ kind }) => kind === 'interfaces');
    await remote.close();
    expect(await remote.ended()).toEqual({ code: 0, signal: null });
    if (storm.exitCode === null) await once(storm, 'exit');
  });
});
