/** Interfaces that are made of others: what happens to the cable below is told of the one on top. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import type { MarkedAddress, NetworkEvent } from '../../ports/network.ts';
import { eventually } from '../../testing/eventually.ts';
import type { HostNamespace } from '../../testing/host-namespace.ts';
import { RemoteNetwork } from '../../testing/remote-network.ts';
import { describeWith, missingLinks, missingNetworkNamespaces } from '../../testing/requirements.ts';
import { ServiceNetwork } from '../../testing/service-network.ts';

interface Stacked {
  readonly what: string;
  readonly name: string;
  /** Lines of `ip` that put it on `svc0`. */
  readonly lines: readonly string[];
}

const BOND: Stacked = {
  what: 'a bond',
  name: 'bond0',
  lines: [
    'link add bond0 type bond mode active-backup miimon 50',
    'link set svc0 down',
    'link set svc0 master bond0',
    'link set svc0 up',
  ],
};
const STACKED: readonly Stacked[] = [
  BOND,
  { what: 'a VLAN', name: 'svc0.7', lines: ['link add link svc0 name svc0.7 type vlan id 7'] },
  { what: 'a macvlan', name: 'mac0', lines: ['link add link svc0 name mac0 type macvlan mode bridge'] },
];
const LOWER = 'link add svc0 type veth peer name svc1';
/** Several times what a bond takes to look at its ports. */
const NOTICED_MS = 300;

const carrier =
  (on: boolean) =>
  (event: NetworkEvent): boolean =>
    event.kind === 'interfaces' && event.interfaces.some((link) => link.carrier === on);

// No package brings what the kernel was built without: that is no test left out, and the title says what there is.
const made = STACKED.filter(({ what, lines }) => missingLinks(what, [LOWER, ...lines]) === undefined);
const kinds = made.map(({ what }) => what).join(', ');

for (const { what, name, lines } of made) {
  describe(`LinuxNetwork: ${what} (this kernel makes ${kinds})`, () => {
    const vips = ['192.0.2.50', '2001:db8::50'].map((text): MarkedAddress => {
      return { vip: vipAddress(text), interface: name, prefixLength: text.includes(':') ? 128 : 32 };
    });
    let network: ServiceNetwork;
    let host: HostNamespace;
    let remote: RemoteNetwork;

    beforeEach(async () => {
      network = await ServiceNetwork.create(1);
      host = network.host(1);
      host.ipBatch([...lines, `link set ${name} up`]);
      remote = await RemoteNetwork.start(host, {
        interfaces: [name],
        allowedAddresses: ['192.0.2.0/24', '2001:db8::/64'],
        lifetimeSeconds: 30,
      });
      await eventually(
        () => remote.interfaces(),
        (links) => links.some((link) => link.name === name && link.carrier),
      );
      expect((await remote.put(vips)).result).toEqual([]);
      remote.takeEvents();
    });
    afterEach(async () => {
      await remote.close();
      await network.close();
    });

    test('holds and announces VIPs, and they stay when the cable below is out', async () => {
      await remote.announce(vips);
      network.switch.ip('link set port1 down');
      await remote.event(carrier(false));
      expect(await remote.interfaces()).toMatchObject([{ name, carrier: false }]);
      expect(await remote.marked()).toEqual(vips);
      network.switch.ip('link set port1 up');
      await remote.event(carrier(true));
      await remote.announce(vips);
      expect(await remote.call('counts')).toEqual({});
    });

    if (name !== BOND.name) return;

    test('that lost one of two ports has its carrier; that lost both has none', async () => {
      host.ipBatch([
        'link add svc1 type veth peer name far1',
        'link set far1 up',
        `link set svc1 master ${name}`,
        'link set svc1 up',
      ]);
      await new Promise((resolve) => setTimeout(resolve, NOTICED_MS));
      network.switch.ip('link set port1 down');
      await new Promise((resolve) => setTimeout(resolve, NOTICED_MS));
      expect(await remote.interfaces()).toMatchObject([{ name, carrier: true }]);
      expect(remote.takeEvents().filter(({ event }) => carrier(false)(event))).toEqual([]);
      host.ip('link set far1 down');
      await remote.event(carrier(false));
      expect(await remote.marked()).toEqual(vips);
    });
  });
}

if (made.length === 0) {
  describeWith(
    missingNetworkNamespaces() ?? 'needs a kernel that makes bonds, VLANs or macvlans',
    'LinuxNetwork',
    () => undefined,
  );
}
