/** `make bench`: every benchmark, one after the other, peers beside ours. RUNS: trials of each fault, default 5. */
import { resolve } from 'node:path';
import { describeMachine, writeReport } from '../e2e/lib/failover-report.ts';
import { enterIsolation, prepareIsolation } from '../e2e/lib/isolation.ts';
import { missingKeepalived } from '../e2e/lib/peers/keepalived.ts';
import { toolPath } from '../src/testing/missing.ts';
import { benchApply } from './apply-latency.ts';
import { benchBind } from './bind.ts';
import { keepalived } from './failover/keepalived.ts';
import { failoverTable, outageRows } from './failover/report.ts';
import { benchFailover } from './failover/trials.ts';
import { vippool } from './failover/vippool.ts';
import { benchFootprint } from './footprint.ts';
import { table } from './table.ts';

const SHORT_RUNS = 5;
const runs = Number(process.env['RUNS'] ?? '5');
if (!Number.isInteger(runs) || runs < 1) {
  process.stderr.write('bench: RUNS must be a whole number from 1, for example: make bench RUNS=3\n');
  process.exit(2);
}
await enterIsolation();
prepareIsolation();
process.once('SIGINT', () => process.exit(130));

const startedAt = performance.now();
const reports = resolve(import.meta.dirname, '../reports');
const etcd = toolPath('etcd');
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const step = (text: string): void => {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  process.stderr.write(`${seconds.padStart(4)} s  ${text}\n`);
};

const { cpu, cores, memoryGiB, kernel, node, loadAverage } = describeMachine();
say(`${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}, load ${loadAverage}\n`);

const noPeer = missingKeepalived();
const peers = noPeer === undefined ? [keepalived('default'), keepalived('fast')] : [];
const skipped = noPeer === undefined ? [] : [`keepalived beside ours: ${noPeer}`];
const rows = await benchFailover([vippool(etcd), ...peers], runs, (run, { system, profile }, fault, outageMs) =>
  step(`${run}/${runs} ${`${system}:${profile}`.padEnd(18)} ${fault.padEnd(15)} ${outageMs.toFixed(0).padStart(5)} ms`),
);
writeReport(`${reports}/failover.json`, { rows });

step('manifest to first answer');
const apply = await benchApply(etcd, SHORT_RUNS);
step('memory and idle CPU');
const footprint = await benchFootprint(etcd);
step('bind and announce');
const others = [apply, ...footprint, ...(await benchBind(SHORT_RUNS))];
writeReport(`${reports}/bench.json`, { rows: [...outageRows(rows), ...others].map((row) => ({ peers: {}, ...row })) });
step('done');

say(`\n${failoverTable(rows)}`);
const cells = others.map(({ name, unit, value, runs: count }) => [name, String(value), unit, String(count)]);
say(`\n${table([['BENCHMARK', 'MEDIAN', 'UNIT', 'RUNS'], ...cells])}`);
say(`\nskipped: ${skipped.length}${skipped.map((reason) => `\n  ${reason}`).join('')}`);
say('reports/failover.json and reports/bench.json have all of it');
