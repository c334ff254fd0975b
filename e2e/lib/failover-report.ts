import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One row of reports/failover.json. */
export interface FailoverRow {
  readonly system: string;
  readonly profile: string;
  readonly fault: string;
  readonly runs: number;
  readonly outageMs: Spread;
  readonly twoHoldersMs: Spread;
  readonly returnOutageMs?: Spread;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => Number((sorted[index] ?? Number.NaN).toFixed(1));
  return { median: at((sorted.length - 1) >> 1), min: at(0), max: at(sorted.length - 1) };
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly loadAverage: string;
  readonly date: string;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  loadAverage: readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' '),
  date: new Date().toISOString(),
});

export function writeReport(file: string, content: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine: describeMachine(), ...content }, undefined, 2)}\n`);
}
