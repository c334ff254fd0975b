/** Whether controllers and agents went on as they were: pods, containers and processes. */
import { sleep } from '../../lib/wait.ts';
import type { KubeCluster } from '../kube-cluster.ts';
import { type Pod, podsOf } from '../pods.ts';
import { procFile } from '../../lib/processes.ts';

/** Whatever a kubelet has not told yet, it tells within ten seconds. */
const TOLD_WITHIN_MS = 12_000;
/** In the command line of everything that runs in our image. */
const PROGRAM = '/dist/bin/vippool.js';

export interface Lives {
  readonly pods: readonly PodLife[];
  /** Ids of the processes by node: a supervisor brings an agent back without a new container. */
  readonly processes: Readonly<Record<string, readonly number[]>>;
}

export type PodLife = Pick<Pod, 'name' | 'uid' | 'restarts'>;

export async function livesOf({ client, nodes }: KubeCluster): Promise<Lives> {
  const pods = await podsOf(client, 'controller', 'agent');
  const processes = [...nodes].map(([name, { cgroup }]) => [name, cgroup.processes().filter(isOurs)] as const);
  return { pods, processes: Object.fromEntries(processes) };
}

/** One line for each that did not go on. The API server has to answer. */
export async function endedSince(before: Lives, kube: KubeCluster): Promise<readonly string[]> {
  await sleep(TOLD_WITHIN_MS);
  return ended(before, await livesOf(kube));
}

/** One line for each that did not go on. Pure. */
export function ended(before: Lives, after: Lives): readonly string[] {
  const pods = before.pods.flatMap(({ name, uid, restarts }) => {
    const now = after.pods.find((pod) => pod.name === name);
    if (!now) return [`the pod ${name} is gone`];
    if (now.uid !== uid) return [`the pod ${name} was replaced`];
    return now.restarts === restarts
      ? []
      : [`containers of ${name} were started ${now.restarts - restarts} times anew`];
  });
  const processes = Object.entries(before.processes).flatMap(([node, pids]) =>
    pids.filter((pid) => !after.processes[node]?.includes(pid)).map((pid) => `process ${pid} of ${node} has ended`),
  );
  return [...pods, ...processes];
}

const isOurs = (pid: number): boolean => procFile(pid, 'cmdline').includes(PROGRAM);
