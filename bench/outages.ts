/** Rows of the fault matrix as benchmarks: each of ours with the peers' beside it. Pure. */
import type { FailoverRow } from '../e2e/lib/failover-report.ts';
import type { BenchRow } from './table.ts';

const OURS = 'vippool';
/** What comes nearest for those that do not know the fault: not every peer knows a planned move, none a leader. */
const NEAREST: Readonly<Record<string, string>> = { move: 'stop', 'master-holder-poweroff': 'poweroff' };

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
      name: `outage, ${row.fault}${row.profile === 'default' ? '' : `, ${row.profile}`}`,
      unit: 'ms',
      value: row.outageMs.median,
      runs: row.runs,
      peers: Object.fromEntries(peersOf(row, all).map((peer) => [nameOf(peer), peer.outageMs.median])),
    }));
