import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS } from '../lib/bounds.ts';
import { installCheckScripts } from '../lib/check-scripts.ts';
import { CHECK_DIR, Cluster } from '../lib/cluster.ts';
import { HOST_ROOT } from '../lib/host.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { type HealthSpec, poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { sleep, waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
const HOMES = { '192.0.2.10': 'node-1', '192.0.2.11': 'node-2', '192.0.2.12': 'node-3' };
const SCRIPTS: Readonly<Record<string, string>> = {
  'well-unless-told.sh': `[ ! -e ${HOST_ROOT}/ill ] || { echo "told to be ill"; exit 1; }`,
  'repair.sh': `touch ${HOST_ROOT}/repaired; rm ${HOST_ROOT}/ill`,
};
const TOLD_WITHIN_MS = 10_000;

describeWith(missingForLab(), 'what follows from checks', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    installCheckScripts(lab, SCRIPTS);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd') });
    observer = await Observer.start(lab, VIPS);
    declare({});
    await cluster.ready('nas');
    await atHome();
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  const declare = (health: Omit<HealthSpec, 'checks'>): void => {
    const times = { interval: '500ms', fall: 2, rise: 2 };
    const command = [`${CHECK_DIR}/well-unless-told.sh`];
    const checks: HealthSpec['checks'] = [{ name: 'app', type: 'exec', command, ...times }];
    const options = { homes: HOMES, failbackDelay: '500ms', health: { checks, damping: { base: '0s' }, ...health } };
    cluster.apply('nas', poolManifest('nas', VIPS, options));
  };
  const ill = (host: string): string => join(lab.host(host).root, 'ill');
  const told = async (type: 'Ready' | 'Degraded', text: RegExp): Promise<void> => {
    const look = (): string | undefined => {
      const found = cluster.poolStatus('nas')?.conditions?.find((item) => item.type === type);
      return found && `${found.status} ${found.reason}: ${found.message}`;
    };
    await waitFor(
      `${type} to tell ${text}`,
      () => text.test(look() ?? ''),
      TOLD_WITHIN_MS,
      () => `${look()}`,
    );
  };
  const degraded = (text: RegExp): Promise<void> => told('Degraded', text);
  const atHome = async (): Promise<void> => {
    for (const [vip, home] of Object.entries(HOMES)) await observer.waitForHolder(vip, home, 20_000);
  };
  const recover = async (): Promise<void> => {
    for (const host of HOSTS) rmSync(ill(host), { force: true });
    await degraded(/^False/);
    await atHome();
    await sleep(1_000);
  };

  it('A9 a service that its repair command mends keeps its VIPs, and nobody else is asked', async () => {
    declare({ repair: { command: [`${CHECK_DIR}/repair.sh`], attempts: 2, deadline: '2s' } });
    await sleep(1_000);
    const mark = observer.mark();
    writeFileSync(ill('node-1'), '');
    await waitFor('the repair', () => existsSync(join(lab.host('node-1').root, 'repaired')), TOLD_WITHIN_MS);
    await waitFor('the service', () => !existsSync(ill('node-1')), TOLD_WITHIN_MS);
    await sleep(2_000);
    const seen = await observer.since(mark);
    expect([seen.moves, existsSync(join(lab.host('node-2').root, 'repaired'))]).toEqual([0, false]);
    declare({});
    await recover();
  }, 60_000);

  it('A9 all nodes that begin to fail one check at once are told as such, and nothing moves', async () => {
    const mark = observer.mark();
    for (const host of HOSTS) writeFileSync(ill(host), '');
    await degraded(
      /^True AllNodesFailSameCheck: all nodes began to fail check app at once \(exit code 1: told to be ill\)/,
    );
    await sleep(1_000);
    expect((await observer.since(mark)).worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    await recover();
    expect((await observer.since(mark)).twoHoldersMs).toBe(0);
  }, 60_000);

  it('A9 Keep: where one node after the other falls ill the last one holds everything', async () => {
    const mark = observer.mark();
    for (const host of HOSTS) {
      writeFileSync(ill(host), '');
      await sleep(3_000);
    }
    await degraded(/^True (AllUnhealthy|AllNodesFailSameCheck): .*whenAllUnhealthy: Keep/);
    const seen = await observer.since(mark);
    expect(seen.silent).toEqual([]);
    expect([seen.twoHoldersMs, seen.worstOutage <= lenient(MOVE_MS)]).toEqual([0, true]);
    await recover();
  }, 60_000);

  it('A9 Release: nobody holds anything until a node is healthy', async () => {
    declare({ whenAllUnhealthy: 'Release' });
    await sleep(1_000);
    for (const host of HOSTS) writeFileSync(ill(host), '');
    const free = async (): Promise<boolean> =>
      [...(await observer.holders()).values()].every((held) => held.length === 0);
    await waitFor('the release', free, TOLD_WITHIN_MS, () => cluster.logs());
    await told('Ready', /^False AllUnhealthy: no node can hold 192\.0\.2\.10, .*: no node is healthy/);
    rmSync(ill('node-2'));
    await observer.heldBy(['node-2']);
    await recover();
  }, 60_000);
});
