import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS, TAKEOVER_MS } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { deleteAddressByHand, serviceNicDown } from '../lib/faults.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { sleep, waitFor } from '../lib/wait.ts';

const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '2001:db8::10'];
const HOSTS = ['node-1', 'node-2', 'node-3', 'node-4'];
const AT_START = HOSTS.slice(0, 3);

describeWith(missingForLab(), 'one pool on three hosts', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd'), agents: AT_START });
    observer = await Observer.start(lab, VIPS);
    cluster.apply('nas', poolManifest('nas', VIPS));
    await cluster.ready('nas');
    await observer.settled(AT_START);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  /** Who answers for each VIP on the wire; several hosts would be "a,b". */
  const bindings = async (): Promise<Map<string, string>> =>
    new Map([...(await observer.holders())].map(([vip, holders]) => [vip, holders.join()]));
  const inStatus = (): Map<string, string | undefined> =>
    new Map(cluster.poolStatus('nas')?.bindings?.map(({ address, node }) => [address, node]));
  const vipsOn = async (node: string): Promise<string[]> => {
    const holders = await bindings();
    return VIPS.filter((vip) => holders.get(vip) === node);
  };
  const shares = async (): Promise<number[]> => Promise.all(AT_START.map(async (node) => (await vipsOn(node)).length));
  /** Highest that a status tells. */
  const termInForce = (): number => Math.max(0, ...AT_START.map((node) => cluster.nodeStatus(node)?.term ?? 0));
  const first = (list: readonly string[]): string => list[0] ?? 'none';

  it('E1 D2 D4 C2 every VIP floats to exactly one host, two on each, as the status says', async () => {
    const holders = await bindings();
    await waitFor('the status to say the same', () => sameMap(inStatus(), holders), 3_000);
    expect(await shares()).toEqual([2, 2, 2]);
  });

  it('A1 one controller is master, by the lock in etcd, and signs every status with its term', async () => {
    expect(cluster.poolStatus('nas')?.master).toBe(await cluster.master());
    const terms = cluster.poolStatus('nas')?.bindings?.map((item) => item.term) ?? [];
    expect(Math.min(...terms.map((term) => term ?? 0))).toBeGreaterThanOrEqual(1);
  });

  it('E2 E3 a planned move: the client follows at once, the old holder is silent', async () => {
    const vip = first(await vipsOn('node-1'));
    const mark = observer.mark();
    cluster.apply('nas', poolManifest('nas', VIPS, { homes: { [vip]: 'node-2' } }));
    await observer.waitForHolder(vip, 'node-2');
    await sleep(500);
    const seen = await observer.since(mark);
    expect(seen.outage(vip)).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(seen.twoHoldersMs).toBe(0);
    expect(seen.worstOutageOfOthers(vip)).toBeLessThanOrEqual(lenient(MOVE_MS));
    cluster.apply('nas', poolManifest('nas', VIPS, { homes: { [vip]: 'node-1' } }));
    await observer.waitForHolder(vip, 'node-1');
    cluster.apply('nas', poolManifest('nas', VIPS));
    await observer.settled(AT_START);
  }, 30_000);

  it('E3 a VIP that somebody deletes is back at once', async () => {
    const vip = first(await vipsOn('node-2'));
    const mark = observer.mark();
    deleteAddressByHand(lab.host('node-2'), vip);
    await sleep(1_000);
    const seen = await observer.since(mark);
    expect(seen.outage(vip)).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect((await observer.holders()).get(vip)).toEqual(['node-2']);
  });

  it('A7 A8 the VIPs of a host without power are taken over, and come home when it is back', async () => {
    const master = (await cluster.master()) ?? '';
    const victim = AT_START.find((node) => node !== master) ?? '';
    const before = await bindings();
    const mark = observer.mark();
    await lab.host(victim).powerOff();
    await observer.settled(
      AT_START.filter((node) => node !== victim),
      lenient(TAKEOVER_MS),
    );
    const seen = await observer.since(mark);
    for (const vip of VIPS) {
      if (before.get(vip) === victim) expect(seen.outage(vip)).toBeLessThanOrEqual(lenient(TAKEOVER_MS));
      else expect(seen.outage(vip)).toBeLessThanOrEqual(lenient(MOVE_MS));
    }
    const back = observer.mark();
    lab.host(victim).powerOn();
    await observer.settled(AT_START);
    await waitFor('the status to tell the same homes', () => sameMap(inStatus(), before), 5_000);
    const home = await observer.since(back);
    expect(home.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(seen.twoHoldersMs + home.twoHoldersMs).toBe(0);
  }, 60_000);

  it('A2 A3 A4 A7 D6 a host that holds VIPs and is the master loses its power: another master takes over, in a higher term', async () => {
    const master = (await cluster.master()) ?? '';
    const term = termInForce();
    const mark = observer.mark();
    await lab.host(master).powerOff();
    await observer.settled(
      AT_START.filter((node) => node !== master),
      lenient(TAKEOVER_MS),
    );
    const seen = await observer.since(mark);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(TAKEOVER_MS));
    expect(await cluster.master()).not.toBe(master);
    await waitFor(
      'a higher term',
      () => termInForce() > term,
      5_000,
      () => cluster.logs(),
    );
    lab.host(master).powerOn();
    await observer.settled(AT_START);
    expect((await observer.since(mark)).twoHoldersMs).toBe(0);
  }, 60_000);

  it('A6 B4 D6 a stopped master hands over at once, the new term is announced, and no VIP moves', async () => {
    const master = (await cluster.master()) ?? '';
    const before = await bindings();
    const mark = observer.mark();
    await cluster.controller(master).stop();
    await waitFor('another master', async () => (await cluster.master()) !== master, 1_000);
    const next = (await cluster.master()) ?? '';
    await waitFor(
      'its status',
      () => cluster.poolStatus('nas')?.master === next,
      5_000,
      () => cluster.logs(),
    );
    const term = cluster.nodeStatus('node-1')?.term ?? 0;
    await waitFor('its term at the nodes', () => (cluster.nodeStatus('node-1')?.term ?? 0) >= term, 5_000);
    expect(await bindings()).toEqual(before);
    expect((await observer.since(mark)).worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    cluster.controller(master).start();
  }, 30_000);

  it('A7 a host whose service NIC loses its carrier gives its VIPs away', async () => {
    const mark = observer.mark();
    const heal = serviceNicDown(lab.host('node-3'));
    await observer.settled(['node-1', 'node-2'], lenient(TAKEOVER_MS));
    expect((await observer.since(mark)).worstOutage).toBeLessThanOrEqual(lenient(100));
    heal();
    await observer.settled(AT_START);
    expect((await observer.since(mark)).twoHoldersMs).toBe(0);
  }, 60_000);

  it('C6 a node joins online: it gets its share, the others keep theirs', async () => {
    const before = await bindings();
    const mark = observer.mark();
    cluster.startAgent('node-4');
    await observer.settled(HOSTS, 20_000);
    const after = await bindings();
    const stayed = VIPS.filter((vip) => before.get(vip) === after.get(vip));
    expect(stayed.length).toBeGreaterThanOrEqual(5);
    const seen = await observer.since(mark);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(seen.twoHoldersMs).toBe(0);
    await cluster.agent('node-4').stop();
    await observer.settled(AT_START, 20_000);
  }, 60_000);

  it('D3 a node serves several pools', async () => {
    cluster.apply('second', poolManifest('second', ['198.51.100.1-198.51.100.3']));
    const status = await cluster.ready('second');
    expect(new Set(status.bindings?.map((item) => item.node))).toEqual(new Set(AT_START));
    expect(await shares()).toEqual([2, 2, 2]);
    cluster.remove('second');
    await waitFor(
      'the pool to be released',
      () => cluster.poolStatus('second') === undefined,
      5_000,
      () => cluster.logs(),
    );
  }, 30_000);

  it('E1 a pool that is edited converges without touching the VIPs that stay', async () => {
    const mark = observer.mark();
    cluster.apply('nas', poolManifest('nas', VIPS.slice(1)));
    await waitFor('the release', async () => (await observer.holders()).get(first(VIPS))?.length === 0, 3_000);
    expect((await observer.since(mark)).worstOutageOfOthers(first(VIPS))).toBeLessThanOrEqual(lenient(MOVE_MS));
    cluster.apply('nas', poolManifest('nas', VIPS));
    await observer.settled(AT_START);
  }, 30_000);

  it('E1 a manifest that does not parse changes nothing and is reported with its line', async () => {
    const mark = observer.mark();
    cluster.apply('nas', 'apiVersion: vippool.io/v1alpha1\nkind: [');
    await sleep(1_000);
    expect((await observer.since(mark)).worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    const master = (await cluster.master()) ?? '';
    expect(cluster.controller(master).log()).toMatch(/nas\.yaml:\d+/);
    cluster.apply('nas', poolManifest('nas', VIPS));
    await cluster.ready('nas');
  }, 30_000);
});

function sameMap(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
