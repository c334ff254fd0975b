import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, firstMissing, missingNetworkNamespaces } from '../../../src/testing/requirements.ts';
import { Lab } from '../lab.ts';
import { Observer } from '../observer.ts';
import { sleep } from '../wait.ts';
import { KeepalivedCluster, missingKeepalived } from './keepalived.ts';

const VIPS = ['192.0.2.10', '192.0.2.11', '2001:db8::10'];
const HOSTS = ['node-1', 'node-2', 'node-3'];
/** A first election waits for three advertisements, and a daemon needs a moment to start. */
const SETTLED_MS = 15_000;
/** keepalived on a busy machine: far above what it takes, far below a neighbour cache that nobody corrects. */
const TAKEOVER_MS = 3_000;

describeWith(firstMissing(missingNetworkNamespaces(), missingKeepalived()), 'keepalived on a lab', () => {
  let lab: Lab;
  let cluster: KeepalivedCluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    observer = await Observer.start(lab, VIPS);
    cluster = KeepalivedCluster.start(lab, VIPS, 'fast');
    await observer.settled(HOSTS, SETTLED_MS);
  }, 30_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 20_000);

  const atHome = (): Promise<unknown> =>
    Promise.all(VIPS.map((vip) => observer.waitForHolder(vip, cluster.home(vip), SETTLED_MS)));

  it('has each VIP on the host of its highest priority', async () => {
    expect(VIPS.map((vip) => cluster.home(vip))).toEqual(HOSTS);
    await atHome();
  });

  it.each(VIPS)(
    'moves %s on purpose, and home again',
    async (vip) => {
      const home = cluster.home(vip);
      const mark = observer.mark();
      for (const to of [HOSTS.find((host) => host !== home) ?? '', home]) {
        cluster.move(vip, to);
        expect(cluster.home(vip)).toBe(to);
        await atHome();
      }
      await sleep(200);
      expect((await observer.since(mark)).worstOutage).toBeLessThan(TAKEOVER_MS);
    },
    40_000,
  );

  it('takes over from a host without power, and gives back', async () => {
    const mark = observer.mark();
    await lab.host('node-2').powerOff();
    await observer.settledOn(['192.0.2.11'], ['node-1', 'node-3'], SETTLED_MS);
    const seen = await observer.since(mark);
    expect(seen.outage('192.0.2.11')).toBeGreaterThan(100);
    expect(seen.outage('192.0.2.11')).toBeLessThan(TAKEOVER_MS);
    lab.host('node-2').powerOn();
    await atHome();
  }, 40_000);
});
