import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import type { MarkedAddress, NetworkEvent } from '../../ports/network.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { RemoteNetwork, type TimedEvent } from '../../testing/remote-network.ts';
import { describeWith, firstMissing, missingProgram } from '../../testing/requirements.ts';
import { macOf, ServiceNetwork } from '../../testing/service-network.ts';

const OPTIONS = {
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
const BOTH = [
  ['IPv4', V4],
  ['IPv6', V6],
] as const;
/** Questions are asked twice within 5 ms, and answers take far less than this. */
const ANSWERS_ARE_IN_MS = 200;
/** The kernel hears questions for a new IPv6 address only once a worker of its own has joined their group. */
const HEARD_AFTER_MS = 100;

const claim = ({ vip: address, interface: name }: MarkedAddress, host: number): NetworkEvent => ({
  kind: 'claimed',
  vip: address,
  interface: name,
  mac: macOf(host),
});
const isClaim = ({ kind }: NetworkEvent): boolean => kind === 'claimed';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const putHeard = async (remote: RemoteNetwork, addresses: readonly MarkedAddress[]): Promise<void> => {
  await remote.put(addresses);
  await pause(HEARD_AFTER_MS);
};
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

describeWith(HostNamespace.missing(), 'LinuxNetwork: claims of others', () => {
  let network: ServiceNetwork;
  let asking: RemoteNetwork;
  let other: RemoteNetwork;

  beforeAll(async () => {
    network = await ServiceNetwork.create(3);
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    [asking, other] = await Promise.all([
      RemoteNetwork.start(network.host(1), OPTIONS),
      RemoteNetwork.start(network.host(2), OPTIONS),
    ]);
  });
  afterEach(async () => {
    await Promise.all([asking, other].map(async (remote) => remote.remove([...(await remote.marked())])));
    await Promise.all([asking.close(), other.close()]);
  });

  /** Claims that the host has told, once all that is on its way has come in. */
  const claimsOf = async (remote: RemoteNetwork): Promise<NetworkEvent[]> => {
    await pause(ANSWERS_ARE_IN_MS);
    return remote
      .takeEvents()
      .map(({ event }) => event)
      .filter(isClaim);
  };
  const firstClaim = (remote: RemoteNetwork): Promise<TimedEvent> => remote.event(isClaim);

  test.each(BOTH)(
    '%s: a probe of a held address is answered within milliseconds, and told once',
    async (_, address) => {
      await putHeard(other, [address]);
      const delays: number[] = [];
      for (let round = 0; round < 11; round++) {
        const { at } = await asking.probe([address]);
        const told = await firstClaim(asking);
        expect(told.event).toEqual(claim(address, 2));
        delays.push(told.at - at);
      }
      expect(median(delays)).toBeLessThan(5);
      expect(await claimsOf(asking)).toEqual([]);
    },
  );

  test.each(BOTH)('%s: a probe of a free address is not answered', async (_, address) => {
    await asking.probe([address]);
    expect(await claimsOf(asking)).toEqual([]);
  });

  test('of 100 probed addresses exactly the one that is held is told', async () => {
    const many = Array.from({ length: 100 }, (_, index) =>
      vip(index & 1 ? `198.18.0.${index}` : `2001:db8::1:${index}`),
    );
    const held = [many[37], many[42]].flatMap((address) => address ?? []);
    await putHeard(other, held);
    await asking.probe(many);
    expect(await claimsOf(asking)).toEqual(expect.arrayContaining(held.map((address) => claim(address, 2))));
    await asking.probe(many);
    expect(await claimsOf(asking)).toHaveLength(2);
  });

  test('all of 1000 held addresses are told, and asking is a matter of milliseconds', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => vip(`198.18.${index >> 8}.${index & 255}`));
    await other.put(many);
    const { ms } = await asking.probe(many);
    expect(ms).toBeLessThan(200);
    const told = (await claimsOf(asking)).map((event) => (event.kind === 'claimed' ? event.vip : ''));
    expect(new Set(told).size).toBe(1000);
    expect(told).toHaveLength(1000);
  });

  test.each(BOTH)('%s: probing changes no table of a neighbour', async (_, address) => {
    await putHeard(other, [address]);
    const before = network.hosts.map((host) => host.ip('neigh show dev svc0 nud all'));
    await asking.probe([address, vip('192.0.2.51'), vip('2001:db8::51')]);
    await firstClaim(asking);
    for (const [index, host] of network.hosts.entries()) {
      const added = host
        .ip('neigh show dev svc0 nud all')
        .split('\n')
        .filter((line) => !before[index]?.includes(line.split(' ')[0] ?? ''));
      expect(added.filter((line) => line.includes(macOf(1)) || line.startsWith(address.vip))).toEqual([]);
    }
  });

  test.each(BOTH)('%s: whoever announces a VIP that is bound here is told, to both sides', async (_, address) => {
    await asking.put([address]);
    await other.put([address]);
    const delays: number[] = [];
    for (let round = 0; round < 5; round++) {
      await pause(110);
      const begun = Number(process.hrtime.bigint()) / 1e6;
      await other.announce([address]);
      const told = await firstClaim(asking);
      expect(told.event).toEqual(claim(address, 2));
      delays.push(told.at - begun);
    }
    expect(median(delays)).toBeLessThan(20);
    expect(await claimsOf(other)).toEqual([]);
    await asking.announce([address]);
    expect((await firstClaim(other)).event).toEqual(claim(address, 1));
  });

  test.each(BOTH)(
    '%s: claims to what is neither bound here nor asked for are nobody else`s business',
    async (_, address) => {
      await other.put([address]);
      await other.announce([address]);
      expect(await claimsOf(asking)).toEqual([]);
      await asking.put([address]);
      await asking.remove([address]);
      await other.announce([address]);
      expect(await claimsOf(asking)).toEqual([]);
    },
  );

  test('what came in before a VIP is bound is no claim against it', async () => {
    await other.put([V4]);
    asking.tell('block', 300);
    await pause(100);
    await other.announce([V4]);
    await other.remove([V4]);
    await asking.put([V4]);
    expect(await claimsOf(asking)).toEqual([]);
  });

  test.each(BOTH)("%s: own announcements and others' probes are no claims", async (_, address) => {
    await putHeard(asking, [address]);
    await asking.announce([address]);
    await asking.probe([address]);
    await other.probe([address]);
    await firstClaim(other);
    expect(await claimsOf(asking)).toEqual([]);
  });

  test('a flood by one rival is told ten times a second at most', async () => {
    await asking.put([V4]);
    await other.put([V4]);
    const begun = Date.now();
    for (let round = 0; round < 200; round++) await other.announce([V4]);
    const told = await claimsOf(asking);
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThanOrEqual(2 + (Date.now() - begun) / 100);
  });

  test('interfaces that are switched off, on, and made anew are listened to again', async () => {
    await asking.put([V4]);
    await other.put([V4]);
    network.host(1).ip('link set svc0 down');
    network.host(1).ip('link set svc0 up');
    await asking.event((event) => event.kind === 'interfaces' && event.interfaces.some(({ carrier }) => carrier));
    await other.announce([V4]);
    await firstClaim(asking);

    network.switch.ip('link del port1');
    network.plugIn(1);
    await asking.event((event) => event.kind === 'interfaces' && event.interfaces.some(({ carrier }) => carrier));
    await asking.probe([V4]);
    await firstClaim(asking);
    expect(await asking.call('counts')).not.toMatchObject({ 'claim_listen_errors_total svc0': expect.any(Number) });
  });

  describeWith(firstMissing(missingProgram('nft', 'nftables')), 'behind the own fence', () => {
    /** Rules that make the host silent for the VIPs, as the fence does. */
    const fence = (host: HostNamespace): void => {
      const [file, args] = host.inside('nft', '-f', '-');
      const rules = `table netdev test {
        set v4 { type ipv4_addr; elements = { ${V4.vip} }; }
        set v6 { type ipv6_addr; elements = { ${V6.vip} }; }
        chain in { type filter hook ingress device svc0 priority -500; policy accept;
          arp saddr ip @v4 drop
          arp daddr ip @v4 drop
          ip daddr @v4 drop
          icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } drop
          ip6 daddr @v6 drop
        }
        chain out { type filter hook egress device svc0 priority -500; policy accept;
          arp saddr ip @v4 drop
          ip saddr @v4 drop
          ip6 saddr @v6 drop
        }
      }`;
      execFileSync(file, args, { input: rules, stdio: ['pipe', 'pipe', 'pipe'] });
    };
    afterEach(() => {
      network.host(1).run('nft', 'delete table netdev test');
    });

    test.each(BOTH)('%s: answers and rivals are seen', async (_, address) => {
      fence(network.host(1));
      await other.put([address]);
      const { at } = await asking.probe([address]);
      const told = await firstClaim(asking);
      expect(told.event).toEqual(claim(address, 2));
      expect(told.at - at).toBeLessThan(50);
      await asking.put([address]);
      await pause(110);
      await other.announce([address]);
      expect((await firstClaim(asking)).event).toEqual(claim(address, 2));
      // The rules do what the fence does: the other host hears nothing from here.
      await asking.announce([address]);
      expect(await claimsOf(other)).toEqual([]);
    });
  });
});
