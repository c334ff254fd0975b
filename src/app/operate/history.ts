import type { Move } from '../../core/api/types.gen.ts';
import type { SourceSnapshot } from '../../ports/source.ts';
import { age } from '../status/age.ts';
import { table, type Column } from '../status/table.ts';

/** One row of `vippool history`, and what -o json|yaml prints of it; field names are stable. */
export type HistoryRow = Move & { readonly pool: string };

/** The newest first. */
export function historyOf(
  { pools }: SourceSnapshot,
  only: { readonly pool: string | undefined; readonly address: string | undefined },
): readonly HistoryRow[] {
  const rows = pools
    .filter(({ name }) => name === (only.pool ?? name))
    .flatMap(({ name, status }) => (status?.history ?? []).map((move): HistoryRow => ({ pool: name, ...move })))
    .filter(({ address }) => address === (only.address ?? address));
  return rows.toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time));
}

export function renderHistory(
  rows: readonly HistoryRow[],
  options: { readonly wide: boolean; readonly now: Date },
): string {
  if (rows.length === 0) return 'No moves on record.\n';
  return table(columns(options.now, options.wide), rows);
}

const columns = (now: Date, wide: boolean): readonly Column<HistoryRow>[] => [
  { head: 'TIME', cell: ({ time }) => time },
  { head: 'AGE', minWidth: 6, cell: ({ time }) => age(time, now) },
  { head: 'ADDRESS', cell: ({ address }) => address },
  { head: 'POOL', cell: ({ pool }) => pool },
  { head: 'FROM', cell: ({ from = '' }) => from },
  { head: 'TO', cell: ({ to = '' }) => to },
  ...(wide
    ? [
        { head: 'DETECT', cell: ({ detectMs }: HistoryRow) => milliseconds(detectMs) },
        { head: 'DECIDE', cell: ({ decideMs }: HistoryRow) => milliseconds(decideMs) },
        { head: 'BIND', cell: ({ bindMs }: HistoryRow) => milliseconds(bindMs) },
      ]
    : []),
  { head: 'REASON', cell: ({ reason }) => reason },
];

const milliseconds = (ms: number | undefined): string => (ms === undefined ? '' : `${ms}ms`);
