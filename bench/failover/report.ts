/** How the failover rows are shown: each of ours with the peers' beside it. Pure. */
import type { FailoverRow, Spread } from '../../e2e/lib/failover-report.ts';
import { type BenchRow, table } from '../table.ts';

const OURS = 'vippool';
/** What comes nearest for those that do not know the fault: not every peer knows a planned move, none a leader. */
const NEAREST: Readonly<Record<string, string>> = { move: 'stop', 'master-poweroff': 'poweroff' };

const nameOf = ({ system, profile }: FailoverRow): string => `${system}:${profile}`;

/** The peers' rows that one of ours is compared with. */
function peersOf(ours: FailoverRow, all: readonly FailoverRow[]): FailoverRow[] {
  const peers = all.filter(({ system }) => system !== OURS);
  const known = new Set(peers.filter(({ fault }) => fault === ours.fault).map(nameOf));
  const faultOf = (peer: FailoverRow): string =>
    known.has(nameOf(peer)) ? ours.fault : (NEAREST[ours.fault] ?? ours.fault);
  return peers.filter((peer) => peer.fault === faultOf(peer));
}

/** For reports/bench.json: medians of ours with those of the peers. */
export const outageRows = (all: readonly FailoverRow[]): BenchRow[] =>
  all
    .filter(({ system }) => system === OURS)
    .map((row) => ({
      name: `outage, ${row.fault}`,
      unit: 'ms',
      value: row.outageMs.median,
      runs: row.runs,
      peers: Object.fromEntries(peersOf(row, all).map((peer) => [nameOf(peer), peer.outageMs.median])),
    }));

/** Every row of ours, followed by what it is compared with and how many times longer that takes. */
export function failoverTable(all: readonly FailoverRow[]): string {
  const head = ['FAULT', 'SYSTEM', 'OUTAGE ms', 'OF OURS', 'ON RETURN ms', 'TWO HOLDERS ms', 'RUNS'];
  const lines = all
    .filter(({ system }) => system === OURS)
    .flatMap((ours) => [line(ours, ours), ...peersOf(ours, all).map((peer) => line(peer, ours))]);
  return table([head, ...lines]);
}

function line(row: FailoverRow, ours: FailoverRow): string[] {
  return [
    row === ours ? row.fault : row.fault === ours.fault ? '' : `  (${row.fault})`,
    nameOf(row),
    text(row.outageMs),
    row === ours ? '' : ratio(row.outageMs.median, ours.outageMs.median),
    row.returnOutageMs ? text(row.returnOutageMs) : '',
    text(row.twoHoldersMs),
    String(row.runs),
  ];
}

const text = ({ median, min, max }: Spread): string => `${median} (${min}-${max})`;

const ratio = (peer: number, ours: number): string => (ours > 0 ? `x ${(peer / ours).toPrecision(2)}` : '');
