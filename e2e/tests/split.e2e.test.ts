import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { HEALED_MS, lenient } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { type Heal, managementBlackHole } from '../lib/faults.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { type ProberHandle, startProber } from '../lib/probe/index.ts';
import { missingForLab } from '../lib/requirements.ts';
import { FAR_CLIENT, SecondSwitch } from '../lib/second-switch.ts';
import { now, sleep, waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '2001:db8::10'];
/** Whoever binds a VIP announces it for five seconds; a split that heals later is the hard case. */
const ANNOUNCED_MS = 6_000;

describeWith(missingForLab(), 'a client on the side of the service network that a VIP has left', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;
  let far: SecondSwitch;
  let client: ProberHandle;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    far = SecondSwitch.install();
    far.take(lab.host('node-1'));
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd') });
    observer = await Observer.start(lab, VIPS);
    client = await startProber({ namespace: FAR_CLIENT, vips: VIPS, intervalMs: 5, answerWithinMs: 100 });
    const homes = Object.fromEntries(VIPS.map((vip) => [vip, 'node-1']));
    cluster.apply('nas', poolManifest('nas', VIPS, { homes, failbackDelay: '20s' }));
    await cluster.ready('nas');
  }, 60_000);

  afterAll(async () => {
    await client?.stop();
    await observer?.stop();
    far?.remove();
    await lab?.destroy();
  }, 30_000);

  /** Since it healed until the client was answered again, by whoever has the VIP now. */
  async function answeredAfter(healedAt: number, vip: string): Promise<number> {
    const found = async (): Promise<number | undefined> => {
      const { vips } = await client.results(healedAt);
      return vips[vip]?.hosts.find(({ host, lastAtMs }) => host !== 'node-1' && lastAtMs >= healedAt)?.firstAtMs;
    };
    const at = await waitFor(`the far client to reach ${vip}`, found, 5_000);
    return Math.max(0, at - healedAt);
  }

  it.each([
    ['the service network alone', (): Heal => () => undefined],
    ['both networks, of which management heals first', (): Heal => managementBlackHole(lab.host('node-1'))],
  ])(
    'E3 follows at once when a split heals: %s',
    async (_what, cutManagement) => {
      await observer.heldBy(['node-1'], 40_000);
      await sleep(ANNOUNCED_MS);
      const mark = observer.mark();
      const healManagement = cutManagement();
      const heal = far.cut();
      await observer.heldBy(['node-2', 'node-3']);
      await sleep(ANNOUNCED_MS / 2);
      healManagement();
      await sleep(ANNOUNCED_MS / 2);
      const healedAt = now();
      heal();
      for (const vip of VIPS) expect(await answeredAfter(healedAt, vip)).toBeLessThanOrEqual(lenient(HEALED_MS));
      expect((await observer.since(mark)).twoHoldersMs).toBe(0);
    },
    90_000,
  );
});
