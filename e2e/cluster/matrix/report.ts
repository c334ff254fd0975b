/** reports/cluster.json: what faults of whole nodes cost a client, of several runs side by side. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { table } from '../../../bench/table.ts';
import { writeReport } from '../../lib/failover-report.ts';
import type { MatrixRow } from '../../matrix/judge.ts';
import { PROFILES } from '../../matrix/promises.ts';
import { CLUSTER_FAULTS } from './faults.ts';
import type { Course } from './steps.ts';

export const REPORT = resolve(import.meta.dirname, '../../../reports/cluster.json');

export interface ClusterRow extends MatrixRow {
  /** Of the cluster. */
  readonly nodes: number;
  /** Only of a fault of several steps: those of its last run. */
  readonly course?: Course;
}

/** Puts a row in the place of the one of the same cluster, profile and fault. */
export function keepRow(file: string, row: ClusterRow): void {
  const rows = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { rows: readonly ClusterRow[] }).rows : [];
  writeReport(file, { rows: merged(rows, row) });
}

/** By size of the cluster, then profile, then fault; rows of faults that are no more are left out. */
export function merged(rows: readonly ClusterRow[], row: ClusterRow): ClusterRow[] {
  const rank = ({ nodes, profile, fault }: Pick<ClusterRow, 'nodes' | 'profile' | 'fault'>): number[] => [
    nodes,
    PROFILES.findIndex((name) => name === profile),
    CLUSTER_FAULTS.findIndex(({ name }) => name === fault),
  ];
  const same = (other: ClusterRow): boolean => rank(other).join() === rank(row).join();
  return [...rows.filter((other) => !same(other)), row]
    .filter((item) => rank(item).every((place) => place >= 0))
    .sort((a, b) => {
      const [left, right] = [rank(a), rank(b)];
      return left.map((place, index) => place - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
    });
}

export function readable(rows: readonly ClusterRow[]): string {
  const ms = (value: number | undefined): string => (value === undefined ? '' : `${value} ms`);
  const lines = rows.map((row) => [
    String(row.nodes),
    row.profile,
    row.fault,
    `${row.outageMs.median} ms (${row.outageMs.min}-${row.outageMs.max})`,
    ms(row.boundMs),
    ms(row.returnOutageMs?.median),
    ms(row.returnBoundMs),
    ms(row.twoHoldersMs.max),
    row.ok ? 'kept' : `BROKEN: ${row.broken?.join('; ')}`,
  ]);
  const head = ['NODES', 'PROFILE', 'FAULT', 'OUTAGE', 'PROMISED', 'ON RETURN', 'PROMISED', 'TWO HOLDERS', 'VERDICT'];
  return [table([head, ...lines]), ...rows.flatMap((row) => courseText(row))].join('\n\n');
}

/** A second table, for whoever wants to know which step took how long. */
function courseText({ nodes, profile, fault, course }: ClusterRow): readonly string[] {
  if (!course) return [];
  const { steps, log } = course;
  const lines = steps.map(({ what, tookMs, outageMs, twoHoldersMs }) => [
    what,
    `${(tookMs / 1_000).toFixed(0)} s`,
    `${outageMs} ms`,
    `${twoHoldersMs} ms`,
  ]);
  const minutes = (log.ms / 60_000).toFixed(1);
  const gaps = `${log.gaps.length} times without an answer, ${log.lost} probes lost, the client at most ${log.latenessMs.toFixed(0)} ms late`;
  const title = `${nodes} nodes, ${profile}, ${fault}: ${log.vips} VIPs probed for ${minutes} minutes, ${gaps}`;
  return [`${title}\n${table([['STEP', 'TOOK', 'OUTAGE', 'TWO HOLDERS'], ...lines])}`];
}
