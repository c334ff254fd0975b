import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { unreachableFrom } from '../lib/faults.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { sleep, waitFor } from '../lib/wait.ts';

const CONTROLLERS = ['node-1', 'node-2', 'node-3'];
const MEMBERS = ['node-4', 'node-5', 'node-6'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];

describeWith(missingForLab(), 'a master with its members on other hosts', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create([...CONTROLLERS, ...MEMBERS]);
    cluster = await Cluster.start(lab, {
      etcd: toolPath('etcd'),
      agents: MEMBERS,
      moreArguments: () => ['--multicast-probe=239.255.74.80:7483'],
    });
    observer = await Observer.start(lab, VIPS);
    cluster.apply('nas', poolManifest('nas', VIPS));
    await cluster.ready('nas');
    await observer.settled(MEMBERS);
    // Until all have answered the multicast.
    await sleep(3_000);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  const master = (): string => cluster.poolStatus('nas')?.master ?? '';
  const addresses = (names: readonly string[]): string[] => names.map((name) => lab.host(name).addresses.management);

  it('B2 some members do not answer it: they are shown, and it stays master', async () => {
    const before = master();
    const heal = unreachableFrom(lab.host(before), addresses(['node-4']));
    const shown = (): boolean =>
      cluster
        .poolStatus('nas')
        ?.conditions?.some(
          ({ type, status, message }) =>
            type === 'MembersUnreachable' && status === 'True' && message.includes('node-4'),
        ) ?? false;
    await waitFor('the alarm', shown, 10_000, () => cluster.logs());
    expect(master()).toBe(before);
    heal();
    await waitFor('its end', () => !shown(), 10_000);
    await cluster.ready('nas');
    await observer.settled(MEMBERS, 20_000);
    await sleep(3_000);
  }, 60_000);

  it('B2 B3 no member answers it, but the other controllers do: it hands over, and no VIP moves', async () => {
    const old = master();
    const mark = observer.mark();
    const heal = unreachableFrom(lab.host(old), addresses(MEMBERS));
    await waitFor(
      'another master',
      () => ![old, ''].includes(master()),
      10_000,
      () => cluster.logs(),
    );
    expect(cluster.controller(old).log()).toMatch(/no longer master.*no node answers multicast/);
    await sleep(2_000);
    const seen = await observer.since(mark);
    expect(seen.moves).toBe(0);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(master()).not.toBe(old);
    heal();
  }, 40_000);
});
