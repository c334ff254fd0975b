export interface Bound {
  readonly kind: 'at most' | 'at least';
  readonly value: number;
}

export const atMost = (value: number): Bound => ({ kind: 'at most', value });
export const atLeast = (value: number): Bound => ({ kind: 'at least', value });

/** Whether the median keeps its promise; undefined where there is none. */
export function isKept({ value, bound }: Pick<BenchRow, 'value' | 'bound'>): boolean | undefined {
  if (!bound) return undefined;
  return bound.kind === 'at most' ? value <= bound.value : value >= bound.value;
}

/** Name, median, unit, runs, what is promised and whether it was kept. */
export function cellsOf(row: BenchRow): string[] {
  const { name, value, unit, runs, bound } = row;
  const verdict = { true: 'kept', false: 'BROKEN', undefined: '' }[String(isKept(row))] ?? '';
  return [name, String(value), unit, String(runs), bound ? `${bound.kind} ${bound.value}` : '', verdict];
}

/** One measured number. */
export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  /** Median of all runs. */
  readonly value: number;
  readonly runs: number;
  /** What is promised; absent where nothing is. */
  readonly bound?: Bound;
  /** The same of other systems on the same machine in the same run. */
  readonly peers?: Readonly<Record<string, number>>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
