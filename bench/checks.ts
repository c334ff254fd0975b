/** What 200 checks of each type cost a host. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CheckProbe } from '../src/core/checks.ts';
import { type CheckCost, costOf } from './check-cost.ts';
import type { ServicePorts } from './check-services.ts';
import { atMost, type BenchRow, median } from './table.ts';

const CHECKS = 200;
const FEW_MOUNTS = 4;
/** The API's default. */
const INTERVAL_MS = 2_000;
/** From here on the promise is kept by checks that are programs as well. */
const PROGRAMS_INTERVAL_MS = 12_000;
/** Most that is promised, programs included. */
const PROMISED_PERCENT = 5;
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
    for (const { what, probeAt, intervalMs = INTERVAL_MS, isPromised } of loadsOf(
      directory,
      JSON.parse(line) as ServicePorts,
    )) {
      if (only.length > 0 && !only.includes(probeAt(0).type)) continue;
      const costs: CheckCost[] = [];
      for (let run = 0; run < runs; run++) {
        const probes = Array.from({ length: CHECKS }, (_, index) => probeAt(index));
        costs.push(await costOf(probes, directory, intervalMs));
      }
      const row = (whose: string, percentOf: (cost: CheckCost) => number): BenchRow => ({
        name: `checks at ${intervalMs / 1_000} s, ${CHECKS} ${what}: ${whose}`,
        unit: '% of a core',
        value: Number(median(costs.map(percentOf)).toFixed(2)),
        runs,
      });
      const all = row('in all', ({ agent, children }) => agent + children);
      rows.push({ ...all, ...(isPromised && { bound: atMost(PROMISED_PERCENT) }) });
      if (costs.some(({ children }) => children > 0)) {
        rows.push(
          row('agent', ({ agent }) => agent),
          row('children', ({ children }) => children),
        );
      }
    }
    return rows;
  } finally {
    services.kill('SIGKILL');
    spawnSync('sh', ['-c', 'umount "$1"/mounts/*', 'sh', directory]);
    rmSync(directory, { recursive: true });
  }
}

/** Checks of one type. */
interface Load {
  readonly what: string;
  readonly probeAt: (index: number) => CheckProbe;
  /** Default 2 s. */
  readonly intervalMs?: number;
  readonly isPromised: boolean;
}

const alike = (probe: CheckProbe): Load => ({ what: probe.type, probeAt: () => probe, isPromised: true });
/** Often, which is told and not promised, and as seldom as is promised. */
const programs = (probe: CheckProbe): Load[] => [
  { ...alike(probe), isPromised: false },
  { ...alike(probe), intervalMs: PROGRAMS_INTERVAL_MS },
];

/** Each type that looks at something by itself; `interface` does not, and `gateway` asks once for all checks. */
function loadsOf(directory: string, ports: ServicePorts): readonly Load[] {
  const scripts = join(directory, 'scripts');
  mkdirSync(scripts);
  const script = join(scripts, 'true.sh');
  writeFileSync(script, '#!/bin/sh\nexit 0\n');
  chmodSync(script, 0o755);
  const process_ = readFileSync('/proc/self/comm', 'utf8').trim();
  const url = `http://${HOST}:${ports.http}/`;
  const postgres = { role: 'Primary', user: 'probe', database: 'postgres', passwordFile: '' } as const;
  return [
    alike({ type: 'tcp', host: HOST, port: ports.tcp }),
    alike({ type: 'http', url, statuses: [200, 299], contains: '', verifyTls: true }),
    alike({ type: 'nfs', host: HOST, port: ports.nfs, versions: [4] }),
    alike({ type: 'smb', host: HOST, port: ports.smb }),
    alike({ type: 'postgres', host: HOST, port: ports.postgres, ...postgres }),
    alike({ type: 'process', process: process_, pidFile: '' }),
    devices(directory),
    ...mounts(directory),
    ...programs({ type: 'exec', command: [script] }),
    ...programs({ type: 'scripts', directory: scripts }),
  ];
}

/** Checks of one device would share looks; these are of the same by other names. */
function devices(directory: string): Load {
  const disk = join(directory, 'disk');
  const lines = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const [device = '/dev/vda'] = (lines.find((line) => line.includes(' ext4 ')) ?? '').split(' ');
  for (let index = 0; index < CHECKS; index++) symlinkSync(device, `${disk}${index}`);
  const probeAt = (index: number): CheckProbe => ({ type: 'device', path: `${disk}${index}` });
  return { what: 'device, each another one', probeAt, isPromised: true };
}

/** On all of a few file systems, as several pools have them, and on one each, which nothing is promised of. */
function mounts(directory: string): readonly Load[] {
  const root = join(directory, 'mounts');
  for (let index = 0; index < CHECKS; index++) {
    mkdirSync(`${root}/${index}`, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', `${root}/${index}`]);
  }
  const probeAt = (index: number, writable = false): CheckProbe => {
    return { type: 'mount', path: `${root}/${index}`, fsType: '', writable };
  };
  return [
    { what: `mount, of ${FEW_MOUNTS}`, probeAt: (index) => probeAt(index % FEW_MOUNTS), isPromised: true },
    { what: 'mount, each another one', probeAt: (index) => probeAt(index), isPromised: false },
    { what: 'mount, each another one, writable', probeAt: (index) => probeAt(index, true), isPromised: false },
  ];
}
