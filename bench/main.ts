/**
 * `make bench`: every benchmark, one after the other, peers beside ours. RUNS: trials of each fault, default 5. TRIALS:
 * ends of an agent by each signal in each profile, default 300. PROFILES: of these, default "Default,Fast,Turbo". ONLY: some
 * of the parts, "silence,fence".
 */
import { resolve } from 'node:path';
import { describeMachine, provenance } from '../e2e/lib/failover-report.ts';
import { enterIsolation, prepareIsolation } from '../e2e/lib/isolation.ts';
import { named } from '../e2e/lib/named.ts';
import { faultNamed } from '../e2e/matrix/faults/index.ts';
import { parseOptions } from '../e2e/matrix/options.ts';
import { keepRow, REPORT } from '../e2e/matrix/report.ts';
import { runMatrix } from '../e2e/matrix/run.ts';
import { readable } from '../e2e/matrix/tables.ts';
import { toolPath } from '../src/testing/missing.ts';
import { benchApply } from './apply-latency.ts';
import { benchBind } from './bind.ts';
import { benchChecks } from './checks.ts';
import { benchFence } from './fence.ts';
import { benchFootprint } from './footprint.ts';
import { benchPlacement } from './placement.ts';
import { outageRows } from './outages.ts';
import { writeBench } from './report.ts';
import { type SilenceReport, silenceRow, silenceText } from './silence/report.ts';
import { benchSilence } from './silence/silence.ts';
import { benchSimulator } from './simulator.ts';
import { type BenchRow, cellsOf, isKept, table } from './table.ts';

const PARTS = [
  'failover',
  'apply',
  'footprint',
  'bind',
  'fence',
  'simulator',
  'placement',
  'checks',
  'silence',
] as const;
type Part = (typeof PARTS)[number];

/** What the benchmark takes of the fault matrix. */
const FAILOVER = ['poweroff', 'master-holder-poweroff', 'move', 'stop'];
const SHORT_RUNS = 5;
const SILENCE_PROFILES = ['Default', 'Fast', 'Turbo'] as const;
const SILENCE_HOSTS = 6;

const usage = (problem: string): never => {
  process.stderr.write(`bench: ${problem}\n`);
  process.exit(2);
};
const whole = (name: string, usual: number): number => {
  const value = Number(process.env[name] ?? usual);
  return Number.isInteger(value) && value >= 1
    ? value
    : usage(`${name} must be a whole number from 1, for example: make bench ${name}=${usual}`);
};
const runs = whole('RUNS', 5);
const trials = whole('TRIALS', 300);
const some = <T extends string>(name: string, known: readonly T[]): T[] => {
  try {
    return named(name, (process.env[name] ?? known.join()).split(','), known);
  } catch (error) {
    return usage((error as Error).message);
  }
};
const wanted = some('ONLY', PARTS);
const profiles = some('PROFILES', SILENCE_PROFILES);
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

const skipped: string[] = [];
const shown: BenchRow[] = [];
const texts: string[] = [];
let silence: readonly SilenceReport[] = [];

/** Some rows of the fault matrix; `make e2e` measures all of them. */
async function failover(): Promise<BenchRow[]> {
  const options = { ...parseOptions({}), runs, faults: FAILOVER.map(faultNamed) };
  const result = await runMatrix(options, { trial: step, row: (row) => keepRow(REPORT, row) });
  skipped.push(...result.skipped);
  if (result.failed.length > 0) throw new Error(result.failed.join('\n'));
  texts.push(readable(result.rows));
  return outageRows(result.rows);
}

async function silences(): Promise<BenchRow[]> {
  const options = { etcd, profiles, trials, hosts: SILENCE_HOSTS, progress: step };
  silence = await benchSilence(options);
  texts.push(silenceText(silence));
  return silence.map(silenceRow);
}

const BENCHMARKS: Readonly<Record<Part, () => Promise<BenchRow[]> | BenchRow[]>> = {
  failover,
  apply: async () => [await benchApply(etcd, SHORT_RUNS)],
  footprint: () => benchFootprint(etcd),
  bind: () => benchBind(SHORT_RUNS),
  fence: () => benchFence(SHORT_RUNS),
  simulator: () => benchSimulator(SHORT_RUNS),
  placement: () => benchPlacement(SHORT_RUNS),
  checks: () => benchChecks(),
  silence: silences,
};

for (const part of wanted) {
  step(part);
  const rows = await BENCHMARKS[part]();
  const source = provenance();
  const dated = rows.map((row) => ({ peers: {}, ...row, part, ...source }));
  writeBench(`${reports}/bench.json`, { rows: dated, silence });
  if (part !== 'failover') shown.push(...rows);
}
step('done');

for (const text of texts) say(`\n${text}`);
const head = ['BENCHMARK', 'MEDIAN', 'UNIT', 'RUNS', 'PROMISED', ''];
if (shown.length > 0) say(`\n${table([head, ...shown.map(cellsOf)])}`);
say(`\nskipped: ${skipped.length}${skipped.map((reason) => `\n  ${reason}`).join('')}`);
say('reports/bench.json has all of it; outages are in reports/failover.json');
const broken = silence.filter((one) => one.withinBound < one.trials);
for (const { signal, profile, boundMs } of broken) say(`${signal}, ${profile}: not always silent within ${boundMs} ms`);
const missed = shown.filter((row) => isKept(row) === false);
for (const { name, value, unit, bound } of missed)
  say(`${name}: ${value} ${unit}, promised ${bound?.kind} ${bound?.value}`);
process.exitCode = broken.length + missed.length > 0 ? 1 : 0;
