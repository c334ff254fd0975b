/** What 200 checks of each type cost a host. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CheckProbe } from '../src/core/checks.ts';
import { type CheckCost, costOf, INTERVAL_MS } from './check-cost.ts';
import type { ServicePorts } from './check-services.ts';
import { type BenchRow, median } from './table.ts';

const CHECKS = 200;
/** Looks at one mount come one after the other. */
const MOUNT_CHECKS = 20;
const HOST = '127.0.0.1';

/** Costs by type of the checks; medians of the runs. @param only types, default: all */
export async function benchChecks(runs = 3, only: readonly string[] = []): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'vippool-bench-checks-'));
  const services = spawn(process.execPath, [join(import.meta.dirname, 'check-services.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface({ input: services.stdout }), 'line')) as [string];
    const rows: BenchRow[] = [];
    for (const probe of probesOf(directory, JSON.parse(line) as ServicePorts)) {
      if (only.length > 0 && !only.includes(probe.type)) continue;
      const count = probe.type === 'mount' ? MOUNT_CHECKS : CHECKS;
      const costs: CheckCost[] = [];
      for (let run = 0; run < runs; run++) {
        const probes = Array.from({ length: count }, (_, index) => distinct(probe, index));
        costs.push(await costOf(probes, directory));
      }
      const row = (whose: keyof CheckCost): BenchRow => ({
        name: `checks at ${INTERVAL_MS / 1_000} s, ${count} ${probe.type}: ${whose}`,
        unit: '% of a core',
        value: Number(median(costs.map((one) => one[whose])).toFixed(2)),
        runs,
      });
      rows.push(row('agent'));
      if (costs.some(({ children }) => children > 0)) rows.push(row('children'));
    }
    return rows;
  } finally {
    services.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
}

/** Checks of one device would share looks; these are of the same by other names. */
function distinct(probe: CheckProbe, index: number): CheckProbe {
  return probe.type === 'device' ? { ...probe, path: `${probe.path}${index}` } : probe;
}

/** One of each type that looks at something by itself; `interface` does not, and `gateway` asks once for all checks. */
function probesOf(directory: string, ports: ServicePorts): readonly CheckProbe[] {
  const scripts = join(directory, 'scripts');
  mkdirSync(scripts);
  const script = join(scripts, 'true.sh');
  writeFileSync(script, '#!/bin/sh\nexit 0\n');
  chmodSync(script, 0o755);
  const process_ = readFileSync('/proc/self/comm', 'utf8').trim();
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const [device = '/dev/vda', path = '/'] = (mounts.find((line) => line.includes(' ext4 ')) ?? '').split(' ');
  const disk = join(directory, 'disk');
  for (let index = 0; index < CHECKS; index++) symlinkSync(device, `${disk}${index}`);
  const url = `http://${HOST}:${ports.http}/`;
  return [
    { type: 'tcp', host: HOST, port: ports.tcp },
    { type: 'http', url, statuses: [200, 299], contains: '', verifyTls: true },
    { type: 'nfs', host: HOST, port: ports.nfs, versions: [4] },
    { type: 'smb', host: HOST, port: ports.smb },
    {
      type: 'postgres',
      host: HOST,
      port: ports.postgres,
      role: 'Primary',
      user: 'probe',
      database: 'postgres',
      passwordFile: '',
    },
    { type: 'process', process: process_, pidFile: '' },
    { type: 'device', path: disk },
    { type: 'mount', path, fsType: '', writable: false },
    { type: 'exec', command: [script] },
    { type: 'scripts', directory: scripts },
  ];
}
