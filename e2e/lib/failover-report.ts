import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { median, table } from '../../bench/table.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What happened to a system in one run of the report. */
export type Fault =
  | 'none'
  | 'kill'
  | 'freeze'
  | 'poweroff'
  | 'svc-down'
  | 'svc-blackhole'
  | 'mgmt-down'
  | 'partition'
  | 'service-crash'
  | 'stop'
  | 'move'
  | 'master-kill'
  | 'master-poweroff'
  | 'etcd-down'
  | 'api-down';

/** One row of reports/failover.json: what clients and wire saw of one fault, milliseconds. */
export interface FailoverRow {
  readonly system: string;
  readonly profile: string;
  readonly fault: Fault;
  readonly runs: number;
  /** Longest time without an answer. */
  readonly outageMs: Spread;
  /** Time in which two hosts would both have answered. */
  readonly twoHoldersMs: Spread;
  /** Longest time without an answer after the fault was healed; missing where nothing is healed. */
  readonly returnOutageMs?: Spread;
}

/** What one run of a fault came to, milliseconds. */
export interface FailoverRun {
  readonly outageMs: number;
  readonly twoHoldersMs: number;
  readonly returnOutageMs?: number;
}

/** @throws RangeError without a value. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('a spread of nothing');
  const rounded = (value: number): number => Number(value.toFixed(1));
  return { median: rounded(median(values)), min: rounded(Math.min(...values)), max: rounded(Math.max(...values)) };
}

/** @throws RangeError without a run. */
export function failoverRow(
  { system, profile, fault }: Pick<FailoverRow, 'system' | 'profile' | 'fault'>,
  runs: readonly FailoverRun[],
): FailoverRow {
  const returns = runs.flatMap(({ returnOutageMs }) => (returnOutageMs === undefined ? [] : [returnOutageMs]));
  return {
    system,
    profile,
    fault,
    runs: runs.length,
    outageMs: spread(runs.map((run) => run.outageMs)),
    twoHoldersMs: spread(runs.map((run) => run.twoHoldersMs)),
    ...(returns.length === 0 ? {} : { returnOutageMs: spread(returns) }),
  };
}

/** The rows for people. */
export function failoverTable(rows: readonly FailoverRow[]): string {
  const cell = (value: Spread | undefined): string =>
    value === undefined ? '-' : `${value.median} (${value.min}-${value.max})`;
  const lines = rows.map(({ system, profile, fault, runs, outageMs, twoHoldersMs, returnOutageMs }) => [
    fault,
    `${system}:${profile}`,
    String(runs),
    ...[outageMs, twoHoldersMs, returnOutageMs].map(cell),
  ]);
  return table([['FAULT', 'SYSTEM', 'RUNS', 'OUTAGE MS', 'TWO HOLDERS MS', 'RETURN MS'], ...lines]);
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
