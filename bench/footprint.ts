/** Memory and idle CPU of the processes, in a lab with six VIPs. Inside of an isolation. */
import { readFileSync } from 'node:fs';
import { Cluster } from '../e2e/lib/cluster.ts';
import { Lab } from '../e2e/lib/lab.ts';
import type { LabProcess } from '../e2e/lib/process.ts';
import { poolManifest } from '../e2e/lib/pool-manifest.ts';
import { sleep } from '../e2e/lib/wait.ts';
import { type BenchRow, median } from './table.ts';

const IDLE_MS = 20_000;
/** USER_HZ, which is 100 on every Linux. */
const TICKS_PER_SECOND = 100;

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
    const before = groups.map(([, list]) => list.map(cpuSeconds));
    await sleep(IDLE_MS);
    return groups.flatMap(([name, list], i) => {
      const used = list.map((item, n) => ((cpuSeconds(item) - (before[i]?.[n] ?? 0)) / IDLE_MS) * 100_000);
      return [
        { name: `memory (RSS), ${name}`, unit: 'MiB', value: round(median(list.map(rssMiB))), runs: list.length },
        { name: `idle CPU, ${name}`, unit: '% of a core', value: round(median(used)), runs: list.length },
      ];
    });
  } finally {
    await lab.destroy();
  }
}

const round = (value: number): number => Number(value.toFixed(1));

/** User and system time: fields 14 and 15 of proc_pid_stat(5); the name before them may contain blanks. */
function cpuSeconds(item: LabProcess): number {
  const stat = readFileSync(`/proc/${item.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function rssMiB(item: LabProcess): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${item.pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1_024;
}
