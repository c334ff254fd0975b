/** reports/bench.json: what a run did not measure stays as an earlier one left it. */
import { existsSync, readFileSync } from 'node:fs';
import { type Provenance, writeReport } from '../e2e/lib/failover-report.ts';
import type { SilenceReport } from './silence/report.ts';
import type { BenchRow } from './table.ts';

/** A row as it is written: when and of what code it was measured, and by which part of the benchmarks. */
export interface DatedRow extends BenchRow, Provenance {
  readonly part: string;
}

export interface BenchReport {
  readonly rows: readonly DatedRow[];
  /** The hosts whose agents were ended. */
  readonly silence: readonly SilenceReport[];
}

/** Rows and histograms of `fresh` take the place of those of the same part, profile and signal. Pure. */
export function merged(old: Partial<BenchReport>, fresh: BenchReport): BenchReport {
  const parts = new Set(fresh.rows.map(({ part }) => part));
  const keyOf = ({ profile, signal }: SilenceReport): string => `${profile} ${signal}`;
  const tried = new Set(fresh.silence.map(keyOf));
  return {
    rows: [...(old.rows ?? []).filter(({ part }) => part !== undefined && !parts.has(part)), ...fresh.rows],
    silence: [...(old.silence ?? []).filter((one) => !tried.has(keyOf(one))), ...fresh.silence],
  };
}

export function writeBench(file: string, fresh: BenchReport): void {
  const old = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<BenchReport>) : {};
  writeReport(file, merged(old, fresh));
}
