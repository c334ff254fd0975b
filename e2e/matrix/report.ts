/** reports/failover.json: what several runs measured, side by side. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeReport } from '../lib/failover-report.ts';
import { SYSTEMS } from './fault.ts';
import { FAULTS, faultNamed } from './faults/index.ts';
import type { MatrixRow } from './judge.ts';
import { PROFILES } from './promises.ts';

export const REPORT = resolve(import.meta.dirname, '../../reports/failover.json');

export interface Report {
  readonly machine?: { readonly cpu: string; readonly cores: number; readonly kernel: string; readonly date: string };
  readonly rows: readonly MatrixRow[];
}

/** Without rows where there is none yet. @throws SyntaxError where it is not JSON. */
export const readReport = (file: string): Report =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : { rows: [] };

/** Puts a row in the place of the one of the same system, profile and fault. */
export function keepRow(file: string, row: MatrixRow): void {
  writeReport(file, { rows: merged(readReport(file).rows, row) });
}

/** In the order of faults, then systems, then profiles; each by its fault's name, those of faults that are no more left out. */
export function merged(rows: readonly MatrixRow[], row: MatrixRow): MatrixRow[] {
  const rank = ({ fault, system, profile }: Pick<MatrixRow, 'fault' | 'system' | 'profile'>): number[] => [
    FAULTS.findIndex(({ name, alias }) => name === fault || alias === fault),
    SYSTEMS.findIndex((name) => name === system),
    PROFILES.findIndex((name) => name === profile),
  ];
  const same = (other: MatrixRow): boolean => rank(other).join() === rank(row).join();
  return [...rows.filter((other) => !same(other)), row]
    .filter((item) => rank(item).every((place) => place >= 0))
    .map((item) => ({ ...item, fault: faultNamed(item.fault).name }))
    .sort((a, b) => {
      const [left, right] = [rank(a), rank(b)];
      return left.map((place, index) => place - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
    });
}
