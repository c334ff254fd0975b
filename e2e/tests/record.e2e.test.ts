import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { sleep, waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
const [VIP = ''] = VIPS;
const METRICS_PORT = 7481;

describeWith(missingForLab(), 'a record that is wrong', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    cluster = await Cluster.start(lab, {
      etcd: toolPath('etcd'),
      moreArguments: (kind, host) =>
        kind === 'controller' ? [`--metrics-listen=${lab.host(host).addresses.management}:${METRICS_PORT}`] : [],
    });
    observer = await Observer.start(lab, VIPS);
    cluster.apply('nas', poolManifest('nas', VIPS));
    await cluster.ready('nas');
    await observer.settled(HOSTS);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  /** Somebody else writes that the first VIP is on another node. */
  const falsify = (from: string, to: string): void => {
    const file = join(cluster.manifests, 'status/vippool-nas.yaml');
    const lines = readFileSync(file, 'utf8').split('\n');
    const start = lines.findIndex((line) => line.includes(`address: ${VIP}`));
    const at = lines.findIndex((line, index) => index > start && line.includes(`node: ${from}`));
    expect(at).toBeGreaterThan(start);
    lines[at] = lines[at]?.replace(from, to) ?? '';
    writeFileSync(`${file}.tmp`, lines.join('\n'));
    renameSync(`${file}.tmp`, file);
  };
  const metrics = async (host: string): Promise<string> =>
    (await fetch(`http://${lab.host(host).addresses.management}:${METRICS_PORT}/metrics`)).text();

  it('B5 is told by the next master, which goes by what the nodes hold: nothing moves', async () => {
    const old = cluster.poolStatus('nas')?.master ?? '';
    const holder = (await observer.holders()).get(VIP)?.join() ?? '';
    const other = HOSTS.find((host) => host !== holder) ?? '';
    falsify(holder, other);
    await sleep(1_000);
    const mark = observer.mark();
    cluster.controller(old).signal('SIGUSR1');
    const differs = (): string | undefined =>
      HOSTS.find((host) => host !== old && cluster.controller(host).log().includes('record and reality differ'));
    const next = await waitFor('the next master to say so', differs, 10_000, () => cluster.logs());
    const line = cluster
      .controller(next)
      .log()
      .split('\n')
      .find((text) => text.includes('record and reality differ'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ vip: VIP, recorded: other, found: holder });
    expect(await metrics(next)).toMatch(/^vippool_record_differences_total 1$/m);
    const mended = (): boolean =>
      cluster.poolStatus('nas')?.bindings?.some(({ address, node }) => address === VIP && node === holder) ?? false;
    await waitFor('the record to be right again', mended, 10_000);
    const seen = await observer.since(mark);
    expect(seen.moves).toBe(0);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
  }, 60_000);
});
