import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { AGENT_PORT, Cluster, ETCD_URL, PROGRAM } from '../lib/cluster.ts';
import { SERVICE_NIC } from '../lib/host.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import type { LabProcess } from '../lib/process.ts';
import { missingForLab } from '../lib/requirements.ts';
import { waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
/** Its processes are started with another list of controllers than all others. */
const STRANGER = 'node-4';
/** In the list of the stranger, and nowhere else. */
const NOBODY = 'node-5=10.123.0.1:7480';
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
const METRICS_PORT = { agent: 7483, controller: 7481 };
const TOLD_WITHIN_MS = 15_000;

describeWith(missingForLab(), 'a process with another list of controllers', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create([...HOSTS, STRANGER]);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd'), agents: HOSTS });
    observer = await Observer.start(lab, VIPS);
    cluster.apply('nas', poolManifest('nas', VIPS));
    await cluster.ready('nas');
    await observer.settledOn(VIPS, HOSTS);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  const listed = (name: string): string => `${name}=${lab.host(name).addresses.management}:${AGENT_PORT}`;
  const start = (kind: keyof typeof METRICS_PORT, controllers: string, ...more: readonly string[]): LabProcess => {
    const host = lab.host(STRANGER);
    return host.run(kind, [
      process.execPath,
      PROGRAM,
      kind,
      `--node-name=${STRANGER}`,
      `--controllers=${controllers}`,
      `--state-dir=${join(host.memory, kind)}`,
      `--metrics-listen=${host.addresses.management}:${METRICS_PORT[kind]}`,
      ...more,
    ]);
  };
  /** "503 why not" */
  const readiness = async (kind: keyof typeof METRICS_PORT): Promise<string> => {
    const url = `http://${lab.host(STRANGER).addresses.management}:${METRICS_PORT[kind]}/readyz`;
    const answer = await fetch(url).catch(() => undefined);
    return answer ? `${answer.status} ${(await answer.text()).trim()}` : 'nothing answers';
  };
  const told = async (kind: keyof typeof METRICS_PORT, text: RegExp): Promise<void> => {
    let seen = '';
    const look = async (): Promise<boolean> => text.test((seen = await readiness(kind)));
    await waitFor(`/readyz of the ${kind} to say ${text}`, look, TOLD_WITHIN_MS, () => seen);
  };

  it('a controller with a list to which no single change leads takes no part, and says which lists to configure', async () => {
    const mark = observer.mark();
    const listen = `--listen=${lab.host(STRANGER).addresses.management}:${AGENT_PORT}`;
    const list = [listed('node-1'), listed(STRANGER), NOBODY].join(',');
    const source = `--source=dir:${cluster.manifests}`;
    const controller = start('controller', list, `--id=${STRANGER}`, listen, `--etcd=${ETCD_URL}`, source);
    await told(
      'controller',
      /^503 too much would change at once: configure all controllers with one list after the other/,
    );
    expect(controller.log()).toContain('electorate adopted');
    expect(HOSTS).toContain(await cluster.master());
    expect((await observer.since(mark)).moves).toBe(0);
  }, 40_000);

  it('an agent learns from any controller which ones there are, and has its lease from those', async () => {
    const mark = observer.mark();
    const list = [listed('node-2'), listed(STRANGER), NOBODY].join(',');
    start('agent', list, `--interfaces=${SERVICE_NIC}`, '--allowed-addresses=192.0.2.0/24');
    await told('agent', /^200/);
    expect(cluster.nodeStatus(STRANGER)).toBeDefined();
    expect((await observer.since(mark)).moves).toBe(0);
  }, 40_000);
});
