/** How the rows are shown. Pure. */
import { table } from '../../bench/table.ts';
import type { Spread } from '../lib/failover-report.ts';
import { SYSTEMS } from './fault.ts';
import type { MatrixRow } from './judge.ts';

const text = ({ median, min, max }: Spread): string =>
  min === max ? ms(median) : `${ms(median)} (${ms(min)}-${ms(max)})`;
const ms = (value: number): string => value.toFixed(0);
/** Where the outage only ended with the fault, it says nothing of how long it would have been. */
const outage = (row: MatrixRow): string => `${row.unanswered === undefined ? '' : '> '}${text(row.outageMs)}`;

/** For a terminal: a line for every row. */
export function readable(rows: readonly MatrixRow[]): string {
  const back = ['ON RETURN ms', 'BOUND', 'HOME AFTER ms', 'BOUND', 'STRAY MOVES'];
  const head = ['FAULT', 'SYSTEM', 'OUTAGE ms', 'BOUND', ...back, 'TWO HOLDERS ms', 'RUNS', 'PROMISE'];
  const lines = rows.map((row, index) => [
    rows[index - 1]?.fault === row.fault ? '' : row.fault,
    `${row.system}:${row.profile}`,
    outage(row),
    row.boundMs === undefined ? '' : ms(row.boundMs),
    row.returnOutageMs ? text(row.returnOutageMs) : '',
    row.returnBoundMs === undefined ? '' : ms(row.returnBoundMs),
    row.homeMs ? text(row.homeMs) : '',
    row.homeBoundMs === undefined ? '' : ms(row.homeBoundMs),
    row.extraMoves ? text(row.extraMoves) : '',
    text(row.twoHoldersMs),
    String(row.runs),
    row.ok === undefined ? '' : row.ok ? 'kept' : `BROKEN: ${row.broken?.join('; ')}`,
  ]);
  return table([head, ...lines]);
}

/** A column of the README's table. */
const columnOf = ({ system, profile }: MatrixRow): string => `${system} ${profile}`;

/**
 * For the README: a line for every fault, a column for every system and profile. A cell is the outage, then what clients
 * lose on return where that is more than nothing, then for how long two hosts answered where they did.
 */
export function markdown(rows: readonly MatrixRow[], describe: (fault: string) => string): string {
  const columns = [...new Set(rows.map(columnOf))].sort((a, b) => rankOf(a) - rankOf(b));
  const faults = [...new Set(rows.map(({ fault }) => fault))];
  const lines = faults.map((fault) => {
    const cells = columns.map((column) => rows.find((row) => row.fault === fault && columnOf(row) === column));
    return [`\`${fault}\``, describe(fault), ...cells.map(cell)];
  });
  const head = ['fault', 'what happens', ...columns];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Ours first, each from slow to fast. */
const rankOf = (column: string): number =>
  SYSTEMS.findIndex((system) => column.startsWith(system)) * 10 +
  ['default', 'fast', 'turbo'].findIndex((profile) => column.endsWith(profile));

function cell(row: MatrixRow | undefined): string {
  if (!row) return '';
  const back = row.returnOutageMs && row.returnOutageMs.median > 0 ? `, back ${ms(row.returnOutageMs.median)}` : '';
  const two = row.twoHoldersMs.max > 0 ? `, **two holders ${ms(row.twoHoldersMs.max)}**` : '';
  return `${outage(row)}${back}${two}`;
}
