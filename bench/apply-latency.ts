/** From the moment a manifest is in place to the first answered probe of its last VIP. Inside of an isolation. */
import { Cluster } from '../e2e/lib/cluster.ts';
import { Lab } from '../e2e/lib/lab.ts';
import { Observer } from '../e2e/lib/observer.ts';
import { poolManifest } from '../e2e/lib/pool-manifest.ts';
import { now, sleep, waitFor } from '../e2e/lib/wait.ts';
import { type BenchRow, median } from './table.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
/** The error of what is measured. */
const ANSWER_WITHIN_MS = 10;

export async function benchApply(etcd: string, runs: number): Promise<BenchRow> {
  const lab = Lab.create(HOSTS);
  const vips = Array.from({ length: runs }, (_, run) => `192.0.2.${10 + run}`);
  const observer = await Observer.start(lab, vips, { answerWithinMs: ANSWER_WITHIN_MS });
  try {
    const cluster = await Cluster.start(lab, { etcd });
    await waitFor('three nodes', () => HOSTS.every((host) => cluster.nodeStatus(host)?.phase === 'Healthy'), 20_000);
    await sleep(2_000);
    const latencies: number[] = [];
    for (const [run, vip] of vips.entries()) {
      const mark = now();
      cluster.apply(`pool-${run}`, poolManifest(`pool-${run}`, [vip]));
      const first = await waitFor(
        `an answer from ${vip}`,
        async () => (await observer.since(mark)).firstAnswer(vip),
        5_000,
      );
      latencies.push(first - mark);
    }
    const value = Number(median(latencies).toFixed(0));
    return { name: 'manifest in the directory to first answered probe', unit: 'ms', value, runs };
  } finally {
    await observer.stop();
    await lab.destroy();
  }
}
