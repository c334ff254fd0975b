/** What checks of the host cost: processor time of the agent with its threads, and of what it starts. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScheduledCheckRunner } from '../src/adapters/checks/check-runner.ts';
import { type HostProbes, hostProbes } from '../src/adapters/checks/host-probes.ts';
import type { Check, CheckProbe } from '../src/core/checks.ts';
import type { Log } from '../src/ports/log.ts';
import { checkOf } from '../src/testing/check-context.ts';
import { realClock, realRandom } from '../src/testing/real-time.ts';
import { ScriptedProbe } from '../src/testing/scripted-probe.ts';
import { type BenchRow, median } from './table.ts';

const INTERVAL_MS = 2_000;
/** Several intervals, so that the start does not count for much. */
const MEASURED_MS = 10_000;
/** Of the counters of the kernel for children that were reaped. */
const TICKS_PER_SECOND = 100;

const quiet: Log = { log: () => undefined, child: () => quiet };

interface Cost {
  /** Percent of one core. */
  readonly agent: number;
  /** What was started, in percent of one core. */
  readonly children: number;
}

/** Costs by kind of checks; medians of the runs. */
export async function benchChecks(runs = 3): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'vippool-bench-checks-'));
  const script = join(directory, 'true.sh');
  writeFileSync(script, '#!/bin/sh\nexit 0\n');
  chmodSync(script, 0o755);
  const name = readFileSync('/proc/self/comm', 'utf8').trim();
  const mount =
    readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .find((line) => line.includes(' ext4 ')) ?? '';
  const [device = '/dev/vda', path = '/'] = mount.split(' ');
  const process_: CheckProbe = { type: 'process', process: name, pidFile: '' };
  const disk: CheckProbe = { type: 'device', path: device };
  const tcp: CheckProbe = { type: 'tcp', host: '127.0.0.1', port: 1 };
  const exec: CheckProbe = { type: 'exec', command: [script] };
  const mounted: CheckProbe = { type: 'mount', path, fsType: '', writable: false };
  const kinds: readonly (readonly [string, readonly CheckProbe[]])[] = [
    [
      '100 process, 20 device, 80 that do nothing',
      [...repeated(process_, 100), ...repeated(disk, 20), ...repeated(tcp, 80)],
    ],
    ['200 process', repeated(process_, 200)],
    ['200 exec', repeated(exec, 200)],
    // One after the other, since they are of one mount.
    ['20 mount', repeated(mounted, 20)],
  ];
  try {
    const rows: BenchRow[] = [];
    for (const [kind, probes] of kinds) {
      const costs: Cost[] = [];
      for (let run = 0; run < runs; run++) costs.push(await cost(probes, directory));
      const row = (whose: keyof Cost): BenchRow => ({
        name: `checks at ${INTERVAL_MS / 1_000} s, ${kind}: ${whose}`,
        unit: '% of a core',
        value: Number(median(costs.map((one) => one[whose])).toFixed(2)),
        runs,
      });
      rows.push(row('agent'));
      if (costs.some(({ children }) => children > 0)) rows.push(row('children'));
    }
    return rows;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function cost(probes: readonly CheckProbe[], directory: string): Promise<Cost> {
  const host: HostProbes = hostProbes([directory], realClock);
  const runner = new ScheduledCheckRunner({
    probes: { ...new EmptyProbe(realClock).asProbes(), ...host.probes },
    clock: realClock,
    random: realRandom,
    log: quiet,
    node: 'bench',
  });
  let failures = '';
  let count = 0;
  runner.start(({ ok, output }) => {
    count++;
    if (!ok) failures = output;
  });
  runner.setChecks(
    probes.map((probe, index): Check => {
      return checkOf(`c${index}`, { ...probe }, { intervalMs: INTERVAL_MS, timeoutMs: INTERVAL_MS });
    }),
  );
  await sleep(INTERVAL_MS);
  const [own, children] = [process.cpuUsage(), childrenMs()];
  const begun = performance.now();
  await sleep(MEASURED_MS);
  const lasted = performance.now() - begun;
  const { user, system } = process.cpuUsage(own);
  const childMs = childrenMs() - children;
  await runner.stop();
  await host.stop();
  if (failures !== '') throw new Error(`a check of the benchmark has failed: ${failures}`);
  if (count < (probes.length * lasted) / INTERVAL_MS) throw new Error(`only ${count} runs in ${lasted.toFixed(0)} ms`);
  return { agent: (user + system) / 10 / lasted, children: (100 * childMs) / lasted };
}

/** Answers at once, and remembers nothing. */
class EmptyProbe extends ScriptedProbe {
  override run(): Promise<{ ok: boolean; output: string; certain: boolean }> {
    return Promise.resolve({ ok: true, output: '', certain: false });
  }
}

/** Processor time of the children that were reaped so far. */
function childrenMs(): number {
  const fields = (readFileSync('/proc/self/stat', 'utf8').split(') ')[1] ?? '').split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1_000) / TICKS_PER_SECOND;
}

const repeated = (probe: CheckProbe, times: number): readonly CheckProbe[] =>
  Array.from({ length: times }, () => probe);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
