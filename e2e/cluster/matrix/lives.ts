/** Whether controllers and agents went on as they were: pods, containers and processes. */
import { readFileSync } from 'node:fs';
import { sleep } from '../../lib/wait.ts';
import type { KubeCluster } from '../kube-cluster.ts';
import { NAMESPACE } from '../release.ts';

/** Whatever a kubelet has not told yet, it tells within ten seconds. */
const TOLD_WITHIN_MS = 12_000;
const COMPONENTS = 'app.kubernetes.io/component in (controller, agent)';
/** In the command line of everything that runs in our image. */
const PROGRAM = '/dist/bin/vippool.js';

export interface Lives {
  readonly pods: readonly PodLife[];
  /** Ids of the processes by node: a supervisor brings an agent back without a new container. */
  readonly processes: Readonly<Record<string, readonly number[]>>;
}

export interface PodLife {
  readonly name: string;
  readonly uid: string;
  /** Of all containers. */
  readonly restarts: number;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string };
    readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  }[];
}

export async function livesOf({ client, nodes }: KubeCluster): Promise<Lives> {
  const list = (await client.get('pods', '--namespace', NAMESPACE, '--selector', COMPONENTS)) as PodList;
  const pods = list.items.map(({ metadata: { name, uid }, status }) => ({
    name,
    uid,
    restarts: (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
  }));
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

/** One that has just ended is not. */
function isOurs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(PROGRAM);
  } catch {
    return false;
  }
}
