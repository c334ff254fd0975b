import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import type { MarkedAddress } from '../../ports/network.ts';
import { eventually } from '../../testing/eventually.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { RemoteNetwork } from '../../testing/remote-network.ts';
import { describeWith } from '../../testing/requirements.ts';
import { macOf, ServiceNetwork } from '../../testing/service-network.ts';

const OPTIONS = { interfaces: ['svc0'], allowedAddresses: ['192.0.2.0/24', '2001:db8::/64'], lifetimeSeconds: 30 };
const vip = (text: string): MarkedAddress => ({
  vip: vipAddress(text),
  interface: 'svc0',
  prefixLength: text.includes(':') ? 128 : 32,
});

describeWith(HostNamespace.missing(), 'LinuxNetwork: announcements', () => {
  let network: ServiceNetwork;
  let first: RemoteNetwork;
  let second: RemoteNetwork;

  beforeAll(async () => {
    network = await ServiceNetwork.create(3);
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    [first, second] = await Promise.all([
      RemoteNetwork.start(network.host(1), OPTIONS),
      RemoteNetwork.start(network.host(2), OPTIONS),
    ]);
  });
  afterEach(() => Promise.all([first.close(), second.close()]));

  /** MAC under which the client (host 3) knows the address. */
  const knownMac = (address: string): string | undefined =>
    network.host(3).ipJson<{ lladdr?: string }>(`neigh show ${address} dev svc0`)[0]?.lladdr;
  /** Makes the client ask for the address, as any traffic to it would. */
  const talkTo = (address: string): void => {
    const program = `require('node:dgram').createSocket('${address.includes(':') ? 'udp6' : 'udp4'}').send('x', 9, '${address}', () => process.exit())`;
    network.host(3).run(process.execPath, '-e', program);
  };

  test.each(['192.0.2.50', '2001:db8::50'])(
    'a neighbour that knows %s follows it to another host at once',
    async (text) => {
      const address = vip(text);
      await first.put([address]);
      talkTo(text);
      await eventually(
        () => knownMac(text),
        (mac) => mac === macOf(1),
      );

      await first.remove([address]);
      await second.put([address]);
      expect(knownMac(text)).toBe(macOf(1));
      await second.announce([address]);
      await eventually(
        () => knownMac(text),
        (mac) => mac === macOf(2),
        500,
      );
      expect(await second.call('counts')).toEqual({});
      await second.remove([address]);
    },
  );

  test('a neighbour follows to an interface that was made anew', async () => {
    const address = vip('192.0.2.51');
    await first.put([address]);
    talkTo('192.0.2.51');
    await eventually(
      () => knownMac('192.0.2.51'),
      (mac) => mac === macOf(1),
    );
    await second.announce([address]);
    await eventually(
      () => knownMac('192.0.2.51'),
      (mac) => mac === macOf(2),
      500,
    );

    network.switch.ip('link del port1');
    network.plugIn(1);
    await first.put([address]);
    await first.announce([address]);
    await eventually(
      () => knownMac('192.0.2.51'),
      (mac) => mac === macOf(1),
      500,
    );
  });

  test('announcements that cannot be sent are counted, not thrown', async () => {
    network.host(1).ip('link set svc0 down');
    await first.announce([vip('192.0.2.50'), vip('2001:db8::50'), { ...vip('192.0.2.50'), interface: 'svc9' }]);
    expect(await first.call('counts')).toEqual({
      'announce_errors_total svc0 ENETDOWN': 3,
      'announce_errors_total svc9 ENODEV': 1,
    });
    network.host(1).ip('link set svc0 up');
    await first.announce([vip('192.0.2.50')]);
    expect(await first.call('counts')).toMatchObject({ 'announce_errors_total svc0 ENETDOWN': 3 });
  });
});
