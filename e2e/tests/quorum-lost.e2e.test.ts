import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { LEASE_MS, lenient, MOVE_MS } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { type Heal, managementBlackHole } from '../lib/faults.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { sleep, waitFor } from '../lib/wait.ts';

const HELD = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '2001:db8::10'];
const RELEASED = ['192.0.2.20', '192.0.2.21', '192.0.2.22'];
const HOSTS = ['node-1', 'node-2', 'node-3'];

describeWith(missingForLab(), 'no majority of the controllers', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd') });
    observer = await Observer.start(lab, [...HELD, ...RELEASED]);
    const failbackDelay = '1h';
    cluster.apply('held', poolManifest('held', HELD, { failbackDelay, onQuorumLoss: 'Hold' }));
    cluster.apply('released', poolManifest('released', RELEASED, { failbackDelay, onQuorumLoss: 'Release' }));
    await cluster.ready('held');
    await cluster.ready('released');
    await observer.heldBy(HOSTS);
    // A majority of the controllers has to know what may be held beyond a lease.
    await sleep(LEASE_MS);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  const holders = async (vips: readonly string[]): Promise<string> => {
    const all = await observer.holders();
    return vips.map((vip) => `${vip} ${(all.get(vip) ?? []).join()}`).join('\n');
  };

  /** Those that have just come back have to be master again, to give leases, and to know what may be held. */
  const whole = async (): Promise<void> => {
    const logs = (): string => cluster.logs();
    await waitFor('a master', () => cluster.master().catch(() => undefined), 15_000, logs);
    // Until it has written what it sees, the status is that of before.
    await sleep(2 * LEASE_MS);
    const areWell = (): boolean => HOSTS.every((name) => cluster.nodeStatus(name)?.phase === 'Healthy');
    await waitFor('every node to be well', areWell, 15_000, logs);
    await cluster.ready('held');
    await cluster.ready('released');
    await sleep(LEASE_MS);
  };

  /** While that lasts no majority of the controllers hears anybody; afterwards all is as before. */
  const holdsOn = async (loseAll: () => Promise<Heal>): Promise<void> => {
    const before = await holders(HELD);
    const mark = observer.mark();
    const heal = await loseAll();
    await sleep(3 * LEASE_MS);
    expect(await holders(HELD)).toBe(before);
    expect(await holders(RELEASED)).toBe(RELEASED.map((vip) => `${vip} `).join('\n'));
    await sleep(4 * LEASE_MS);
    heal();
    await observer.heldBy(HOSTS);
    const seen = await observer.since(mark);
    for (const vip of HELD) expect(seen.outage(vip)).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(HELD.map((vip) => seen.movesOf(vip))).toEqual(HELD.map(() => 0));
    expect(seen.twoHoldersMs).toBe(0);
    expect(await holders(HELD)).toBe(before);
  };

  it('all controllers gone: what holds goes on, what releases falls silent; back: nothing of the first has moved', async () => {
    await holdsOn(async () => {
      await Promise.all(HOSTS.map((name) => cluster.controller(name).kill()));
      return () => HOSTS.forEach((name) => cluster.startController(name));
    });
  }, 60_000);

  it('a host that reaches nobody lets go within its lease, and others take over', async () => {
    await whole();
    const [victim = ''] = (await observer.holders()).get(HELD[0] ?? '') ?? [];
    const mark = observer.mark();
    const heal = managementBlackHole(lab.host(victim));
    await observer.heldBy(HOSTS.filter((name) => name !== victim));
    heal();
    expect((await observer.since(mark)).twoHoldersMs).toBe(0);
  }, 60_000);

  it('the management switch is dead: the same, since nodes confirm one another over the service network', async () => {
    await whole();
    await holdsOn(() => {
      const heals = HOSTS.map((name) => managementBlackHole(lab.host(name)));
      return Promise.resolve(() => heals.forEach((heal) => heal()));
    });
  }, 90_000);
});
