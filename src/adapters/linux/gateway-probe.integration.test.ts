import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { GatewayProbe, ProbeOutcome } from '../../core/checks.ts';
import { vipAddress } from '../../core/ids.ts';
import type { MarkedAddress } from '../../ports/network.ts';
import { documentedProbe } from '../../testing/documented-checks.ts';
import { eventually } from '../../testing/eventually.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { LineProcess } from '../../testing/line-process.ts';
import { describeWith } from '../../testing/requirements.ts';
import { ServiceNetwork } from '../../testing/service-network.ts';

const PROGRAM = fileURLToPath(new URL('../../testing/gateway-process.ts', import.meta.url));
const ANSWERED = (address: string): unknown => ({
  ok: true,
  output: expect.stringMatching(new RegExp(`^${address} answered in \\d+\\.\\d ms$`)),
  certain: false,
});
const vip = (text: string): MarkedAddress => ({ vip: vipAddress(text), interface: 'svc0', prefixLength: 24 });

describeWith(HostNamespace.missing(), 'gateway probe', () => {
  let network: ServiceNetwork;
  let asking: LineProcess;

  const run = (check: Partial<GatewayProbe> = {}, timeoutMs = 1_000): Promise<ProbeOutcome> =>
    asking.call('run', { check: { type: 'gateway', address: '', interface: '', ...check }, timeoutMs });
  /** Addresses of host 1 that another host knows. */
  const knownTo = (host: number): string[] =>
    network
      .host(host)
      .ipJson<{ dst: string; lladdr?: string }>('neigh show dev svc0')
      .flatMap(({ dst, lladdr }) => (lladdr === '02:00:00:00:00:01' ? [dst] : []));

  beforeEach(async () => {
    network = await ServiceNetwork.create(3);
    asking = await LineProcess.start(network.host(1), PROGRAM);
    await asking.call('start');
  });
  afterEach(async () => {
    await asking.killed();
    await network.close();
  });

  test.each(['192.0.2.2', '2001:db8::2', 'fe80::ff:fe00:2'])('asks %s', async (address) => {
    const outcome = await eventually(
      () => run({ address }, 300),
      ({ ok }) => ok,
    );
    expect(outcome).toEqual(ANSWERED(address));
  });

  test('asks the documented gateway', async () => {
    const { address } = documentedProbe('gateway');
    network.host(1).ip('addr flush dev svc0');
    network.host(1).ip('addr add 192.0.2.200/24 dev svc0');
    network.host(2).ip(`addr add ${address}/24 dev svc0`);
    const outcome = await eventually(
      () => run(documentedProbe('gateway'), 300),
      ({ ok }) => ok,
    );
    expect(outcome).toEqual(ANSWERED(address));
  });

  test('takes the default gateway of the interface, of whatever table', async () => {
    network.host(1).ip('route add default via 192.0.2.3 dev svc0 table 100');
    expect(await run()).toEqual(ANSWERED('192.0.2.3'));
    network.host(1).ip('-6 route add default via 2001:db8::2 dev svc0');
    expect(await run()).toEqual(ANSWERED('192.0.2.3'));
    network.host(1).ip('route add default via 192.0.2.2 dev svc0 metric 50');
    expect(await run()).toEqual(ANSWERED('192.0.2.2'));
    network.host(1).ip('route flush table 100');
    network.host(1).ip('route del default');
    expect(await run()).toEqual(ANSWERED('2001:db8::2'));
  });

  test('takes one of several next hops, and an IPv6 one of an IPv4 route', async () => {
    network.host(1).ip('route add default nexthop via 192.0.2.2 dev svc0 nexthop via 192.0.2.3 dev svc0');
    expect(await run()).toEqual(ANSWERED('192.0.2.2'));
    network.host(1).ip('route del default');
    network.host(1).ip('route add default via inet6 2001:db8::3 dev svc0');
    expect(await run()).toEqual(ANSWERED('2001:db8::3'));
  });

  test('else that of the host, on its own interface', async () => {
    expect(await run()).toMatchObject({
      ok: false,
      output: 'this host has no default gateway: write the address of one',
    });
    network.switch.ip(`link add mgmt type veth peer name eth0 netns ${network.host(1).pid}`);
    network.switch.ip('link set mgmt up');
    network.switch.ip('addr add 198.51.100.254/24 dev mgmt');
    network.host(1).ip('link set eth0 up');
    network.host(1).ip('addr add 198.51.100.1/24 dev eth0');
    network.host(1).ip('route add default via 198.51.100.254');
    const outcome = await eventually(
      () => run({}, 300),
      ({ ok }) => ok,
    );
    expect(outcome).toEqual(ANSWERED('198.51.100.254'));
  });

  test('of several interfaces takes the one whose subnet the gateway is in', async () => {
    network.switch.ip(`link add mgmt type veth peer name eth0 netns ${network.host(1).pid}`);
    network.switch.ip('link set mgmt up');
    network.host(1).ip('link set eth0 up');
    network.host(1).ip('addr add 198.51.100.1/24 dev eth0');
    await asking.call('carry', ['eth0', 'svc0']);
    const outcome = await eventually(
      () => run({ address: '192.0.2.2' }, 300),
      ({ ok }) => ok,
    );
    expect(outcome).toEqual(ANSWERED('192.0.2.2'));
    await asking.call('carry', []);
    expect((await run({ address: '192.0.2.2' })).output).toBe(
      'the interface towards 192.0.2.2 is not known: name it in the check',
    );
  });

  test('names a gateway that does not answer, whatever the neighbour table says', async () => {
    expect(await run({ address: '192.0.2.2' })).toMatchObject({ ok: true });
    network.host(1).ip('neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev svc0 nud permanent');
    network.switch.ip('link set port2 down');
    expect(await run({ address: '192.0.2.2' }, 250)).toEqual({
      ok: false,
      output: '192.0.2.2 did not answer ARP on svc0 within 250 ms',
      certain: false,
    });
    expect((await run({ address: '2001:db8::2' }, 50)).output).toBe(
      '2001:db8::2 did not answer NDP on svc0 within 50 ms',
    );
  });

  test('asks as the host, never as a VIP', async () => {
    const vips = [vip('192.0.2.50'), { ...vip('2001:db8::50'), prefixLength: 64 }];
    await asking.call('put', vips);
    expect(await run({ address: '192.0.2.3' })).toMatchObject({ ok: true });
    expect(await run({ address: '2001:db8::3' })).toMatchObject({ ok: true });
    expect(knownTo(3)).toEqual(expect.arrayContaining(['192.0.2.1', '2001:db8::1']));
    expect(knownTo(3)).not.toContain('192.0.2.50');
    expect(knownTo(3)).not.toContain('2001:db8::50');
    network.host(1).ip('addr del 192.0.2.1/24 dev svc0');
    const outcome = await eventually(
      () => run({ address: '192.0.2.2' }),
      ({ ok }) => !ok,
    );
    expect(outcome.output).toBe('svc0 has no IPv4 address of its own to ask from');
  });

  test('names what keeps it from asking', async () => {
    expect((await run({ address: '192.0.2.2', interface: 'eth9' })).output).toBe(
      'there is no interface eth9 on this host',
    );
    expect((await run({ address: 'router' })).output).toBe(
      '"router" is no address of a gateway: write one like 192.0.2.1 or fe80::1',
    );
    expect((await run({ address: '127.0.0.1', interface: 'lo' })).output).toBe(
      'lo is no Ethernet: there is nobody to ask',
    );
    network.switch.ip('link set port1 down');
    const outcome = await eventually(
      () => run({ address: '192.0.2.2' }, 100),
      ({ output }) => output.includes('carrier'),
    );
    expect(outcome).toMatchObject({ ok: false, output: 'svc0 has no carrier' });
    await asking.call('stop');
    expect((await run({ address: '192.0.2.2' })).output).toBe('the network of this host is not known yet');
  });

  test('goes on with an interface that was replaced', async () => {
    expect(await run({ address: '192.0.2.2' })).toMatchObject({ ok: true });
    network.switch.ip('link del port1');
    network.plugIn(1);
    const outcome = await eventually(
      () => run({ address: '192.0.2.2' }, 300),
      ({ ok }) => ok,
    );
    expect(outcome).toEqual(ANSWERED('192.0.2.2'));
  });

  test('keeps its sockets, and no more', async () => {
    await run({ address: '192.0.2.2' });
    const files = await asking.call<number>('openFiles');
    await Promise.all(Array.from({ length: 50 }, (_, index) => run({ address: `192.0.2.${2 + (index % 3)}` }, 100)));
    expect(await asking.call<number>('openFiles')).toBe(files);
  });
});
