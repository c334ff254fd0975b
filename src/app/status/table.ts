/** One column of a table. `minWidth` keeps the columns after it still while values change under `watch`. */
export interface Column<Row> {
  readonly head: string;
  readonly minWidth?: number;
  readonly cell: (row: Row) => string;
}

const GAP = '   ';

/** Left-aligned columns; the last one is not padded. Empty cells are shown as "-". */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [
    columns.map(({ head }) => head),
    ...rows.map((row) => columns.map(({ cell }) => printable(cell(row)) || '-')),
  ];
  const widths = columns.map(({ minWidth = 0 }, index) =>
    Math.max(minWidth, ...cells.map((line) => (line[index] ?? '').length)),
  );
  return cells
    .map(
      (line) =>
        `${line
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join(GAP)
          .trimEnd()}\n`,
    )
    .join('');
}

/** Text of others must not break a line or steer a terminal. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');
