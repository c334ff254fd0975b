/** Memory and idle CPU of the processes, in a lab with six VIPs. Inside of an isolation. */
import { Cluster } from '../e2e/lib/cluster.ts';
import { Lab } from '../e2e/lib/lab.ts';
import type { LabProcess } from '../e2e/lib/process.ts';
import { poolManifest } from '../e2e/lib/pool-manifest.ts';
import { sleep } from '../e2e/lib/wait.ts';
import { cpuSeconds, rssMiB } from './process-usage.ts';
import { type BenchRow, median } from './table.ts';

const IDLE_MS = 20_000;

export async function benchFootprint(etcd: string): Promise<BenchRow[]> {
  const lab = Lab.create(['node-1', 'node-2', 'node-3']);
  try {
    const cluster = await Cluster.start(lab, { etcd });
    cluster.apply('nas', poolManifest('nas', ['192.0.2.10-192.0.2.15']));
    await cluster.ready('nas');
    await sleep(3_000);
    const master = cluster.controller((await cluster.master()) ?? '');
    const standbys = [...cluster.controllers.values()].filter((item) => item !== master);
    const groups: [string, LabProcess[]][] = [
      ['controller (master)', [master]],
      ['controller (standby)', standbys],
      ['agent', [...cluster.agents.values()]],
    ];
    const before = groups.map(([, list]) => list.map(({ pid }) => cpuSeconds(pid)));
    await sleep(IDLE_MS);
    return groups.flatMap(([name, list], i) => {
      const used = list.map((item, n) => ((cpuSeconds(item.pid) - (before[i]?.[n] ?? 0)) / IDLE_MS) * 100_000);
      return [
        {
          name: `memory (RSS), ${name}`,
          unit: 'MiB',
          value: round(median(list.map(({ pid }) => rssMiB(pid)))),
          runs: list.length,
        },
        { name: `idle CPU, ${name}`, unit: '% of a core', value: round(median(used)), runs: list.length },
      ];
    });
  } finally {
    await lab.destroy();
  }
}

const round = (value: number): number => Number(value.toFixed(1));
