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

  const listOf = (hosts: readonly string[]): string =>
    hosts.map((name) => `${name}=${lab.host(name).addresses.management}:${AGENT_PORT}`).join(',');
  const start = (kind: keyof typeof METRICS_PORT, ...more: readonly string[]): LabProcess => {
    const host = lab.host(STRANGER);
    return host.run(kind, [
      process.execPath,
      PROGRAM,
      kind,
      `--node-name=${STRANGER}`,
      `--controllers=${listOf(['node-1', 'node-2', STRANGER])}`,
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

  it('an agent is given no lease; /readyz and its log say why and what to do, and nobody else is touched', async () => {
    const mark = observer.mark();
    const agent = start('agent', `--interfaces=${SERVICE_NIC}`, '--allowed-addresses=192.0.2.0/24');
    await told(
      'agent',
      /^503 no lease: .*\(node-1, node-2: OtherElectorate, has another list of controllers: start every controller and agent with the same --controllers; node-4: not connected\)$/,
    );
    const said = agent
      .log()
      .split('\n')
      .filter((line) => line.includes('a controller does not acknowledge this agent'))
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(said.map(({ level, controller, reason }) => [level, controller, reason]).toSorted()).toEqual([
      ['error', 'node-1', 'OtherElectorate'],
      ['error', 'node-2', 'OtherElectorate'],
    ]);
    expect(said[0]?.['instead']).toBe('start every controller and agent with the same --controllers');
    expect(cluster.nodeStatus(STRANGER)).toBeUndefined();
    expect((await observer.since(mark)).moves).toBe(0);
  }, 40_000);

  it('a controller takes no part, and says so', async () => {
    const mark = observer.mark();
    const listen = `${lab.host(STRANGER).addresses.management}:${AGENT_PORT}`;
    const source = `--source=dir:${cluster.manifests}`;
    const stranger = start('controller', `--id=${STRANGER}`, `--listen=${listen}`, `--etcd=${ETCD_URL}`, source);
    await told('controller', /^503 another electorate is on record$/);
    expect(stranger.log()).toContain('another electorate is on record: this controller refuses to act');
    await told('agent', /^503 no lease: .*\(node-1, node-2, node-4: OtherElectorate, .*\)$/);
    expect(HOSTS).toContain(await cluster.master());
    expect((await observer.since(mark)).moves).toBe(0);
  }, 40_000);
});
