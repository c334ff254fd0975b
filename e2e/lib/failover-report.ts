import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { median } from '../../bench/table.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One row of reports/failover.json: what clients and wire saw of one fault, milliseconds. */
export interface FailoverRow {
  readonly system: string;
  readonly profile: string;
  readonly fault: string;
  readonly runs: number;
  /** Longest time without an answer. */
  readonly outageMs: Spread;
  /** Time in which two hosts would both have answered. */
  readonly twoHoldersMs: Spread;
  /** Longest time without an answer after the fault was healed; missing where nothing is healed. */
  readonly returnOutageMs?: Spread;
  /** From the end of the fault until every VIP that had to leave was home; missing where none had to. */
  readonly homeMs?: Spread;
  /** Moves beside the one away and the one home of each VIP that had to leave; missing where none had to. */
  readonly extraMoves?: Spread;
}

/** When a row was measured, and of what. */
export interface Provenance {
  /** ISO 8601. */
  readonly measuredAt: string;
  /** Commit of the code, with `-dirty` where files differ from it; empty where the code is no clone. */
  readonly code: string;
}

export function provenance(): Provenance {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return { measuredAt: new Date().toISOString(), code: stdout?.trim() ?? '' };
}

/** @throws RangeError without a value. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('a spread of nothing');
  const rounded = (value: number): number => Number(value.toFixed(1));
  return { median: rounded(median(values)), min: rounded(Math.min(...values)), max: rounded(Math.max(...values)) };
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
