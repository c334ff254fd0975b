/** What the kernel's fence costs an agent: a new process in a namespace of its own for every run. Needs root. */
import type { FenceCost } from '../src/testing/fence-process.ts';
import { HostNamespace } from '../src/testing/host-namespace.ts';
import { RemoteFence } from '../src/testing/remote-fence.ts';
import { type BenchRow, median } from './table.ts';

const LEASE_MS = 1_000;
const CALLS = 500;
const VIPS = 1_000;
const FENCE_CLASS = 0;

/** Medians of the runs; each run's cost of a call is the median of many calls. */
export async function benchFence(runs = 5): Promise<BenchRow[]> {
  const results: Record<string, number>[] = [];
  for (let run = 0; run < runs; run++) results.push(await oneRun());
  return Object.keys(results[0] ?? {}).map((name) => {
    const value = Number(median(results.map((result) => result[name] ?? Number.NaN)).toFixed(3));
    return { name: `fence, ${name}`, unit: 'ms', value, runs };
  });
}

async function oneRun(): Promise<Record<string, number>> {
  const host = await HostNamespace.create();
  try {
    host.ip('link add svc0 type veth peer name port1');
    host.ip('link set svc0 up');
    const fence = await RemoteFence.create(host, { interfaces: ['svc0'], leaseMs: LEASE_MS });
    const begun = performance.now();
    const report = await fence.start();
    if (report.kind === 'none') throw new Error(report.reason);
    const startMs = performance.now() - begun;
    const cost = (mode: 'refresh' | 'acquire'): Promise<number> => {
      const order: FenceCost = { mode, fenceClass: FENCE_CLASS, forMs: LEASE_MS, times: CALLS };
      return fence.process.call('cost', order);
    };
    const manage = (count: number): Promise<number> => {
      const names = Array.from({ length: count }, (_, n) => `198.18.${n >> 8}.${n & 255}`);
      return fence.process.call('manage', Object.fromEntries(names.map((vip) => [vip, FENCE_CLASS])));
    };
    const acquireMs = await cost('acquire');
    const extendMs = await cost('refresh');
    const manageMs = await manage(VIPS);
    const extendManyMs = await cost('refresh');
    const releaseMs = await manage(0);
    await fence.end();
    return {
      'start with self-test': startMs,
      acquire: acquireMs,
      extend: extendMs,
      [`manage ${VIPS} VIPs`]: manageMs,
      [`extend with ${VIPS} VIPs`]: extendManyMs,
      [`release ${VIPS} VIPs`]: releaseMs,
    };
  } finally {
    await host.close();
  }
}
