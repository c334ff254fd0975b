/** `make bench`: every benchmark, one after the other, peers beside ours. RUNS: trials of each fault, default 5. */
import { resolve } from 'node:path';
import { describeMachine, type FailoverRow, failoverTable, writeReport } from '../e2e/lib/failover-report.ts';
import { enterIsolation, prepareIsolation } from '../e2e/lib/isolation.ts';
import { toolPath } from '../src/testing/missing.ts';
import { benchApply } from './apply-latency.ts';
import { benchBind } from './bind.ts';
import { benchFailover } from './failover.ts';
import { benchFootprint } from './footprint.ts';
import { type BenchRow, table } from './table.ts';

const runs = Number(process.env['RUNS'] ?? '5');
if (!Number.isInteger(runs) || runs < 1) {
  process.stderr.write('bench: RUNS must be a whole number from 1, for example: make bench RUNS=3\n');
  process.exit(2);
}
await enterIsolation();
prepareIsolation();

const reports = resolve(import.meta.dirname, '../reports');
const etcd = toolPath('etcd');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

say(`machine: ${Object.values(describeMachine()).join(', ')}\n`);
const { rows, skipped } = await benchFailover(etcd, runs);
writeReport(`${reports}/failover.json`, { rows });
say(failoverTable(rows));
for (const reason of skipped) say(`skipped: ${reason}`);

const bind = await benchBind();
const others: BenchRow[] = [await benchApply(etcd, 5), ...(await benchFootprint(etcd)), ...bind];
writeReport(`${reports}/bench.json`, { rows: [...rows.map((row) => outageRow(row, rows)), ...others] });
const cells = others.map(({ name, unit, value, runs: count }) => [name, String(value), unit, String(count)]);
say(`\n${table([['BENCHMARK', 'MEDIAN', 'UNIT', 'RUNS'], ...cells])}`);
say(`\nreports/failover.json and reports/bench.json have all of it. Skipped: ${skipped.length}`);

function outageRow(row: FailoverRow, all: readonly FailoverRow[]): BenchRow {
  const peers = all.filter((other) => other.system !== row.system && other.fault === row.fault);
  return {
    name: `outage, ${row.fault}, ${row.system}:${row.profile}`,
    unit: 'ms',
    value: row.outageMs.median,
    runs: row.runs,
    peers: Object.fromEntries(peers.map((peer) => [`${peer.system}:${peer.profile}`, peer.outageMs.median])),
  };
}
