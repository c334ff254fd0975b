/**
 * `make e2e-cluster`: what faults of whole nodes cost a client of a real cluster. RUNS (default 3), NODES (default 3,5),
 * ONLY (names of faults), PROFILES (default default), AWAY (seconds without API server or etcd, default 4), NOON
 * (minutes that the log of a whole noon lasts at least, default 10).
 */
import { errorText } from '../../../src/core/error-text.ts';
import { provenance } from '../../lib/failover-report.ts';
import { rowOf } from '../../matrix/judge.ts';
import type { Profile } from '../../matrix/promises.ts';
import { begin } from '../begin.ts';
import { missingForCluster } from '../tools.ts';
import type { ClusterFault } from './fault.ts';
import { type ClusterOptions, parseOptions } from './options.ts';
import { type ClusterRow, keepRow, readable, REPORT } from './report.ts';
import { asMatrixFault, type ClusterTrial, Workbench } from './workbench.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const refuse = (error: unknown): never => {
  process.stderr.write(`e2e-cluster: ${errorText(error)}\n`);
  process.exit(2);
};

const options = parsed();
const images = await begin().catch(refuse);
const missing = missingForCluster();
if (missing !== undefined) refuse(missing);
process.once('SIGINT', () => process.exit(130));

const rows: ClusterRow[] = [];
const failed: string[] = [];
for (const nodes of options.nodes) {
  for (const profile of options.profiles) await measureCluster(nodes, profile);
}
say(`\n${readable(rows)}`);
for (const reason of failed) say(`\nno run came to its end: ${reason}`);
const broken = rows.filter(({ ok }) => ok === false);
say(`\n${rows.length} rows, ${broken.length} broken, ${failed.length} failed; ${REPORT}`);
process.exit(broken.length + failed.length > 0 ? 1 : 0);

function parsed(): ClusterOptions {
  try {
    return parseOptions(process.env);
  } catch (error) {
    return refuse(error);
  }
}

/** Every fault on one cluster, which is made anew when a fault has broken it. */
async function measureCluster(nodes: number, profile: Profile): Promise<void> {
  const bench = new Workbench({ nodes, profile, images, awayMs: options.awayMs, noonMs: options.noonMs });
  try {
    for (const fault of options.faults) if (nodes >= (fault.leastNodes ?? 0)) await measure(bench, fault);
  } finally {
    await bench.clear();
  }
}

async function measure(bench: Workbench, fault: ClusterFault): Promise<void> {
  const { nodes, profile } = bench.options;
  const name = `${nodes} nodes, ${profile}, ${fault.name}`;
  const runs = fault.once ? 1 : options.runs;
  const trials: ClusterTrial[] = [];
  const failures: string[] = [];
  for (let run = 1; run <= runs; run++) {
    const outcome = await bench.try(fault).catch((error: unknown) => error as Error);
    const failure = outcome instanceof Error ? outcome.message : outcome.failure;
    if (!(outcome instanceof Error)) trials.push(outcome);
    say(`${name} ${run}/${runs}: ${outcomeText(outcome)}`);
    if (failure === undefined) continue;
    failures.push(`run ${run}: ${failure}`);
    bench.keepLogs(`${nodes}-${profile}-${fault.name}-${run}`);
    await bench.clear();
  }
  if (trials.length === 0) {
    failed.push(`${name}: ${failures.join('; ')}`);
    return;
  }
  const measured = { system: 'vippool', profile, fault: asMatrixFault(fault), trials, failures } as const;
  const course = trials.findLast((trial) => trial.course !== undefined)?.course;
  const row = { nodes, ...rowOf(measured, provenance()), ...(course ? { course } : {}) };
  rows.push(row);
  keepRow(REPORT, row);
}

function outcomeText(outcome: ClusterTrial | Error): string {
  if (outcome instanceof Error) return outcome.message;
  const { outageMs, returnOutageMs, twoHoldersMs, failure } = outcome;
  const text = [outageMs, returnOutageMs, twoHoldersMs].map((ms) => `${ms.toFixed(0)} ms`);
  return `${text[0]}, on return ${text[1]}, two holders ${text[2]}${failure === undefined ? '' : `, ${failure}`}`;
}
