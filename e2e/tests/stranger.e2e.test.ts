import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { SERVICE_NIC } from '../lib/host.ts';
import { ipJson } from '../lib/ip.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { Stranger } from '../lib/stranger.ts';
import { now, sleep, waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '2001:db8::10'];
/** The stranger has them before the pool is declared. */
const TAKEN = ['192.0.2.20', '2001:db8::20'];
const HOMES = { [VIPS[0] ?? '']: 'node-1', [VIPS[1] ?? '']: 'node-2', [VIPS[2] ?? '']: 'node-3' };
/** After 10 s a node that could not bind is asked again: longer than that. */
const ROUND_MS = 13_000;
const TOLD_WITHIN_MS = 15_000;
const RETURNED_WITHIN_MS = 30_000;

describeWith(missingForLab(), 'a foreign host that has a VIP', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;
  let stranger: Stranger;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    stranger = Stranger.plugIn();
    for (const vip of TAKEN) stranger.take(vip);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd') });
    observer = await Observer.start(lab, VIPS);
    cluster.apply('nas', poolManifest('nas', [...VIPS, ...TAKEN], { homes: HOMES }));
    await observer.heldBy(HOSTS);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    stranger?.unplug();
    await lab?.destroy();
  }, 30_000);

  const conditionOf = (type: string): string => {
    const found = cluster.poolStatus('nas')?.conditions?.find((item) => item.type === type);
    return found ? `${found.status} ${found.reason}: ${found.message}` : 'not told';
  };
  const told = (type: string, text: RegExp, withinMs = TOLD_WITHIN_MS): Promise<boolean> =>
    waitFor(
      `${type} to tell ${text}`,
      () => text.test(conditionOf(type)),
      withinMs,
      () => `${conditionOf(type)}${cluster.logs()}`,
    );
  const boundOn = (host: string): string[] => {
    const links = ipJson(`-n ${host} addr show dev ${SERVICE_NIC}`) as readonly {
      readonly addr_info?: readonly { readonly local?: string }[];
    }[];
    return links.flatMap(({ addr_info = [] }) => addr_info.flatMap(({ local }) => local ?? []));
  };

  it('E3 the pool names its MAC for as long as that lasts, and no node binds the VIP', async () => {
    await told('AddressConflict', new RegExp(`^True AddressConflict: .*${stranger.mac}`));
    await told('Ready', new RegExp(`^False NoEligibleNode: .*${TAKEN.join(', ')}: ${stranger.mac}`));
    for (const end = now() + ROUND_MS; now() < end; await sleep(100)) {
      expect(conditionOf('AddressConflict')).toMatch(/^True/);
      expect(HOSTS.flatMap(boundOn).filter((address) => TAKEN.includes(address))).toEqual([]);
    }
  }, 60_000);

  it('the other VIPs of the pool are served, and go where they are told to', async () => {
    const [vip = ''] = VIPS;
    const mark = observer.mark();
    cluster.apply('nas', poolManifest('nas', [...VIPS, ...TAKEN], { homes: { ...HOMES, [vip]: 'node-3' } }));
    await observer.waitForHolder(vip, 'node-3');
    const seen = await observer.since(mark);
    expect(VIPS.map((item) => seen.movesOf(item))).toEqual([1, 0, 0]);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(seen.twoHoldersMs).toBe(0);
    expect(conditionOf('AddressConflict')).toMatch(/^True/);
  }, 30_000);

  it('when it lets go the VIP is bound, and nothing is told of it any more', async () => {
    for (const vip of TAKEN) stranger.letGo(vip);
    await observer.add(TAKEN);
    await told('AddressConflict', /^False NoConflict/, RETURNED_WITHIN_MS);
    await cluster.ready('nas', RETURNED_WITHIN_MS);
    await observer.heldBy(HOSTS);
    expect((await observer.since(observer.mark())).twoHoldersMs).toBe(0);
  }, 60_000);
});
