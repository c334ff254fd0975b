import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { RemoteNetwork } from '../../testing/remote-network.ts';
import { describeWith } from '../../testing/requirements.ts';
import { ServiceNetwork } from '../../testing/service-network.ts';

const OPTIONS = { interfaces: ['svc0'], allowedAddresses: ['192.0.2.0/24'], lifetimeSeconds: 30 };
/** Answers on a network of this kind take far less. */
const ANSWERS_ARE_IN_MS = 250;
const on = (...addresses: readonly string[]): { interface: string; addresses: readonly string[] } => ({
  interface: 'svc0',
  addresses,
});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeWith(HostNamespace.missing(), 'LinuxNetwork: neighbours', () => {
  let network: ServiceNetwork;
  let asking: RemoteNetwork;

  beforeEach(async () => {
    network = await ServiceNetwork.create(3);
    asking = await RemoteNetwork.start(network.host(1), OPTIONS);
  });
  afterEach(async () => {
    await asking.close();
    await network.close();
  });

  /** Who answers one round of questions. */
  const answersTo = async (...addresses: readonly string[]): Promise<string[]> => {
    await pause(20);
    asking.takeEvents();
    await asking.askNeighbours([on(...addresses)]);
    await pause(ANSWERS_ARE_IN_MS);
    return asking.takeEvents().flatMap(({ event }) => (event.kind === 'answered' ? [event.address] : []));
  };
  /** Addresses of host 1 that another host has in its tables. */
  const knownTo = (host: number): string[] =>
    network
      .host(host)
      .ipJson<{ dst: string; lladdr?: string }>('neigh show dev svc0')
      .flatMap(({ dst, lladdr }) => (lladdr === '02:00:00:00:00:01' ? [dst] : []));
  const portOf = (host: number, state: 'isolated on' | 'isolated off'): void => {
    network.switch.ip(`link set port${host} type bridge_slave ${state}`);
  };
  const asked = async (...addresses: readonly string[]): Promise<unknown> =>
    (await asking.askNeighbours([on(...addresses)])).result;

  test('answer each round, by ARP and by neighbour discovery, once', async () => {
    const all = ['192.0.2.2', '192.0.2.3', '2001:db8::2', '2001:db8::3'];
    for (let round = 0; round < 3; round++) expect((await answersTo(...all)).sort()).toEqual(all);
    expect(await answersTo('192.0.2.3')).toEqual(['192.0.2.3']);
  });

  test('that are not there do not answer', async () => {
    expect(await answersTo('192.0.2.99', '2001:db8::99', '192.0.2.2')).toEqual(['192.0.2.2']);
  });

  test('are asked with the gateway, as long as there is one', async () => {
    network.host(1).ip('route add default via 192.0.2.3 dev svc0');
    expect(await asked('192.0.2.2')).toEqual([on('192.0.2.2', '192.0.2.3')]);
    expect((await answersTo('192.0.2.2')).sort()).toEqual(['192.0.2.2', '192.0.2.3']);
  });

  test('are not asked for behind a gateway of another interface, nor in subnets that are not there', async () => {
    network.host(1).ip('link add other type veth peer name far');
    network.host(1).ip('addr add 203.0.113.1/24 dev other');
    network.host(1).ip('link set far up');
    network.host(1).ip('link set other up');
    network.host(1).ip('route add default via 203.0.113.9 dev other');
    expect(await asked('192.0.2.2', '198.51.100.7')).toEqual([on('192.0.2.2')]);
  });

  test('are asked from an address of the host, never from a VIP', async () => {
    network.host(1).ip('addr del 192.0.2.1/24 dev svc0');
    await asking.put([{ vip: vipAddress('192.0.2.50'), interface: 'svc0', prefixLength: 24 }]);
    expect(await asked('192.0.2.2')).toEqual([on()]);
    network.host(1).ip('addr add 192.0.2.1/24 dev svc0');
    expect(await answersTo('192.0.2.2')).toEqual(['192.0.2.2']);
    expect(knownTo(2)).not.toContain('192.0.2.50');
  });

  test('are left alone while there is no carrier', async () => {
    network.switch.ip('link set port1 down');
    await asking.event((event) => event.kind === 'interfaces' && event.interfaces.some(({ carrier }) => !carrier));
    expect(await asked('192.0.2.2')).toEqual([]);
  });

  test('behind a switch that drops everything are silent, and answer again when it does not', async () => {
    expect(await answersTo('192.0.2.2')).toEqual(['192.0.2.2']);
    portOf(1, 'isolated on');
    portOf(2, 'isolated on');
    expect(await answersTo('192.0.2.2')).toEqual([]);
    portOf(2, 'isolated off');
    expect(await answersTo('192.0.2.2')).toEqual(['192.0.2.2']);
  });

  test('are found again with other hardware', async () => {
    expect(await answersTo('192.0.2.2')).toEqual(['192.0.2.2']);
    network.host(2).ip('link set svc0 down');
    network.host(2).ip('link set svc0 address 02:00:00:00:00:77');
    network.host(2).ip('link set svc0 up');
    await answersTo('192.0.2.2');
    expect(await answersTo('192.0.2.2')).toEqual(['192.0.2.2']);
  });

  test('are asked in no time: four of them each second', async () => {
    const questions = [on('192.0.2.2', '192.0.2.3', '2001:db8::2', '2001:db8::3')];
    const tookMs: number[] = [];
    for (let round = 0; round < 100; round++) tookMs.push((await asking.askNeighbours(questions)).ms);
    expect(tookMs.toSorted((a, b) => a - b)[50]).toBeLessThan(2);
  });
});
