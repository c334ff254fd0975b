import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { Cluster } from '../lib/cluster.ts';
import { serviceNicDown } from '../lib/faults.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { sleep, waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIP = '192.0.2.10';
const HOME = 'node-1';
const DELAY_MS = 500;
const HOLD_OFF_MS = 6_000;
const DOWN_MS = 300;

describeWith(missingForLab(), 'a service NIC that loses its carrier', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd') });
    observer = await Observer.start(lab, [VIP]);
    const health = { damping: { base: `${HOLD_OFF_MS}ms` } };
    const options = { homes: { [VIP]: HOME }, failbackDelay: `${DELAY_MS}ms`, health };
    cluster.apply('nas', poolManifest('nas', [VIP], options));
    await cluster.ready('nas');
    await observer.waitForHolder(VIP, HOME);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  /** How long after the carrier is back the VIP is home again. */
  const fails = async (): Promise<number> => {
    const heal = serviceNicDown(lab.host(HOME));
    await sleep(DOWN_MS);
    expect((await observer.holders()).get(VIP)).not.toEqual([HOME]);
    heal();
    const healedAt = performance.now();
    await observer.waitForHolder(VIP, HOME);
    return performance.now() - healedAt;
  };

  it('is home to its VIP after the delay, the first time', async () => {
    expect(await fails()).toBeLessThan(HOLD_OFF_MS);
    expect(cluster.nodeStatus(HOME)?.heldOff).toBeUndefined();
  }, 60_000);

  it('is held off the second time, says so, and is home to its VIP then', async () => {
    const mark = observer.mark();
    const back = fails();
    const flaps = (): unknown => cluster.nodeStatus(HOME)?.heldOff?.find(({ reason }) => reason === 'Flapping');
    await waitFor('the status to say that it flaps', flaps, HOLD_OFF_MS);
    expect(cluster.nodeStatus(HOME)?.phase).toBe('Degraded');
    expect(await back).toBeGreaterThan(HOLD_OFF_MS);
    expect((await observer.since(mark)).movesOf(VIP)).toBe(2);
    await waitFor('the status to be as before', () => cluster.nodeStatus(HOME)?.phase === 'Healthy', 20_000);
  }, 60_000);
});
