/** Our chart on a cluster. */
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { VipPoolStatus } from '../../src/core/api/types.gen.ts';
import type { TimingProfile } from '../../src/core/timing.ts';
import { type Host, SERVICE_NIC } from '../lib/host.ts';
import type { Lab } from '../lib/lab.ts';
import { waitFor } from '../lib/wait.ts';
import type { Client } from './client.ts';
import { ETCD_IMAGE, REGISTRY } from './images.ts';

const CHART = resolve(import.meta.dirname, '../../charts/vippool');
export const NAMESPACE = 'vippool-system';
const NAME = 'vippool';
/** Subnets of the lab that VIPs may be of. */
const ALLOWED = ['192.0.2.0/24', '2001:db8::/64'];
const WITHIN_MS = 180_000;
/** Objects and the Job at the end have two minutes each. */
const REMOVED_WITHIN_MS = 270_000;
const ROLLED_WITHIN_MS = 320_000;
/** Of controllers and agents, as the chart presets them. */
export const CONTROLLERS = 3;
export const CONTROLLER_PORT = 7480;
export const CONTROLLER_METRICS_PORT = 7481;
export const IDENTITY_PORT = 7484;
export const WITNESS_PORT = 7482;
export const AGENT_METRICS_PORT = 7483;
const ASK_MS = 500;

interface VipPool {
  readonly status?: VipPoolStatus;
}

export interface ReleaseOptions {
  readonly timing?: TimingProfile;
}

/** As the chart presets it, but for what this cluster cannot bring: a registry, volumes. */
const values = ({ timing = 'Default' }: ReleaseOptions): object => ({
  image: { registry: REGISTRY, pullPolicy: 'Never' },
  timing: { profile: timing },
  agent: { interfaces: [SERVICE_NIC], allowedAddresses: ALLOWED, labels: { role: 'nas' } },
  etcd: {
    image: { ...ETCD_IMAGE, registry: REGISTRY, pullPolicy: 'Never' },
    persistence: { type: 'hostPath' },
  },
});

/** Resolves when every part is Ready. @throws Error with what helm said. */
export async function install(client: Client, options: ReleaseOptions = {}): Promise<void> {
  await client.helm(
    ['install', NAME, CHART, '--namespace', NAMESPACE, '--create-namespace', '--wait', '--timeout=3m', '--values=-'],
    { input: stringify(values(options)), timeoutMs: WITHIN_MS },
  );
}

/** Values are changed as by `--set`, and every agent and controller is replaced. Resolves when all are Ready again. */
export async function upgrade(client: Client, ...changes: readonly string[]): Promise<void> {
  const set = changes.flatMap((change) => ['--set', change]);
  await client.helm(
    ['upgrade', NAME, CHART, '--namespace', NAMESPACE, '--reuse-values', ...set, '--wait', '--timeout=5m'],
    { timeoutMs: ROLLED_WITHIN_MS },
  );
}

/** To what was before the last upgrade. Resolves when every part is Ready again. */
export async function rollBack(client: Client): Promise<void> {
  await client.helm(['rollback', NAME, '--namespace', NAMESPACE, '--wait', '--timeout=5m'], {
    timeoutMs: ROLLED_WITHIN_MS,
  });
}

/** Resolves when so many controllers elect the master, as the first pool says, and nobody joins. */
export async function electorateOf(client: Client, count: number): Promise<void> {
  const isIt = async (): Promise<boolean> => {
    const { items } = (await client.get('vippools')) as { readonly items: readonly VipPool[] };
    const told = items[0]?.status?.conditions?.find(({ type }) => type === 'ControllersVote')?.message ?? '';
    return new RegExp(`^${count} controllers elect the master by majority; electorate \\d+$`).test(told);
  };
  await waitFor(`an electorate of ${count}`, isIt, WITHIN_MS);
}

/** @throws Error with what the test said. */
export const test = (client: Client): Promise<string> =>
  client.helm(['test', NAME, '--namespace', NAMESPACE], { timeoutMs: WITHIN_MS });

/** Resolves when no pod is left. */
export async function uninstall(client: Client): Promise<void> {
  await removeRelease(client);
  await podsGone(client);
}

/** Pods of nodes that are down stay. @throws Error with what helm said. */
export async function removeRelease(client: Client): Promise<void> {
  await client.helm(['uninstall', NAME, '--namespace', NAMESPACE, '--wait', '--timeout=2m'], {
    timeoutMs: REMOVED_WITHIN_MS,
  });
}

export async function podsGone(client: Client): Promise<void> {
  const gone = async (): Promise<boolean> => {
    const { items } = (await client.get('pods', '--namespace', NAMESPACE)) as { items: readonly unknown[] };
    return items.length === 0;
  };
  await waitFor('the pods to be gone', gone, WITHIN_MS);
}

/** Node whose controller is the master now; undefined while none says so. Asks the controllers, not the API server. */
export async function masterNode(lab: Lab): Promise<string | undefined> {
  const isMaster = async (host: Host): Promise<boolean> =>
    /^vippool_controller_is_master 1$/m.test(await metricsOf(host, CONTROLLER_METRICS_PORT));
  const hosts = [...lab.hosts.values()];
  const found = await Promise.all(hosts.map(isMaster));
  return hosts[found.indexOf(true)]?.name;
}

/** What a controller or agent of a node says at /metrics; empty where nobody answers. */
export async function metricsOf({ addresses }: Host, port: number): Promise<string> {
  const url = `http://${addresses.management}:${port}/metrics`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) }).catch(() => undefined);
  return (await answer?.text().catch(() => '')) ?? '';
}
