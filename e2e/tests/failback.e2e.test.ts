import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS, TAKEOVER_MS } from '../lib/bounds.ts';
import { Cluster, PROGRAM } from '../lib/cluster.ts';
import { serviceNicDown } from '../lib/faults.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest, type PoolOptions } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { sleep, waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3', 'node-4'];
const AT_START = HOSTS.slice(0, 3);
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '192.0.2.15'];
const [MOVED = ''] = VIPS;
const HOME = 'node-1';
/** Many times the delay after which an automatic failback would have come. */
const LONG_AFTER_MS = 4_000;

describeWith(missingForLab(), 'the way home', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd'), agents: AT_START });
    observer = await Observer.start(lab, VIPS);
    declare({});
    await cluster.ready('nas');
    await observer.settled(AT_START);
    await observer.waitForHolder(MOVED, HOME);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  const declare = (options: PoolOptions): void =>
    cluster.apply('nas', poolManifest('nas', VIPS, { homes: { [MOVED]: HOME }, failbackDelay: '500ms', ...options }));
  const vippool = (...args: readonly string[]): { code: number | null; out: string } => {
    const command = [PROGRAM, ...args, `--source=dir:${cluster.manifests}`];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 20_000 });
    return { code: status, out: stdout + stderr };
  };
  /** The home loses its cable and has it back. */
  const away = async (): Promise<void> => {
    const heal = serviceNicDown(lab.host(HOME));
    await waitFor(
      'another host to hold it',
      async () => ![HOME, ''].includes((await observer.holders()).get(MOVED)?.join() ?? ''),
      10_000,
    );
    heal();
    await waitFor('the home to be well', () => cluster.nodeStatus(HOME)?.phase === 'Healthy', 15_000);
  };
  const holder = async (): Promise<string> => (await observer.holders()).get(MOVED)?.join() ?? '';

  it('A8 Manual: a VIP stays where it went until somebody asks for its return', async () => {
    declare({ failbackPolicy: 'Manual' });
    await away();
    const mark = observer.mark();
    await sleep(LONG_AFTER_MS);
    expect(await holder()).not.toBe(HOME);
    expect(vippool('failback', MOVED)).toMatchObject({ code: 0 });
    await observer.waitForHolder(MOVED, HOME);
    const seen = await observer.since(mark);
    expect([seen.movesOf(MOVED), seen.twoHoldersMs]).toEqual([1, 0]);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(vippool('failback', '--pool', 'nas')).toMatchObject({ code: 0 });
    await observer.settled(AT_START);
  }, 60_000);

  it('A8 Never: who took a VIP over is its home from then on', async () => {
    declare({ failbackPolicy: 'Never', homes: {} });
    await away();
    const taker = await holder();
    const mark = observer.mark();
    await sleep(LONG_AFTER_MS);
    expect(await holder()).toBe(taker);
    expect((await observer.since(mark)).moves).toBe(0);
    await waitFor(
      'its home to be there',
      () => cluster.poolStatus('nas')?.bindings?.find(({ address }) => address === MOVED)?.home === taker,
      5_000,
    );
  }, 60_000);

  it('A8 Automatic again: every VIP is home, once each', async () => {
    const mark = observer.mark();
    declare({});
    await observer.waitForHolder(MOVED, HOME);
    await observer.settled(AT_START);
    const seen = await observer.since(mark);
    expect(VIPS.filter((vip) => seen.movesOf(vip) > 1)).toEqual([]);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
  }, 60_000);

  it('C6 the master goes offline while a node joins: another is elected, the node gets its share, the rest stays', async () => {
    const old = cluster.poolStatus('nas')?.master ?? '';
    const before = await observer.holders();
    const onOld = VIPS.filter((vip) => before.get(vip)?.join() === old);
    const rest = AT_START.filter((name) => name !== old);
    const mark = observer.mark();
    cluster.startAgent('node-4');
    await lab.host(old).powerOff();
    await observer.settled([...rest, 'node-4'], 30_000);
    const elected = (): boolean => ![old, ''].includes(cluster.poolStatus('nas')?.master ?? '');
    await waitFor('the status to name another master', elected, 10_000);
    const seen = await observer.since(mark);
    expect(seen.twoHoldersMs).toBe(0);
    expect(seen.worstOutageOfOthers(...onOld)).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(TAKEOVER_MS));
    lab.host(old).powerOn();
    await observer.settled(HOSTS, 30_000);
    await observer.waitForHolder(MOVED, HOME);
    expect((await observer.since(mark)).twoHoldersMs).toBe(0);
  }, 120_000);
});
