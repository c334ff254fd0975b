/** What a set of checks costs: processor time of the agent with its threads, and of what it starts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScheduledCheckRunner } from '../src/adapters/checks/check-runner.ts';
import { agentProbes } from '../src/bin/agent-probes.ts';
import type { Check, CheckProbe } from '../src/core/checks.ts';
import type { Log } from '../src/ports/log.ts';
import { checkOf } from '../src/testing/check-context.ts';
import { realClock, realRandom } from '../src/testing/real-time.ts';

/** At least; whole intervals, and several of the usual ones, so that the start does not count for much. */
const MEASURED_MS = 10_000;
/** Of the counters of the kernel for children that were reaped. */
const TICKS_PER_SECOND = 100;

const quiet: Log = { log: () => undefined, child: () => quiet };

export interface CheckCost {
  /** Percent of one core. */
  readonly agent: number;
  /** What was started, in percent of one core. */
  readonly children: number;
}

/** Runs them for some intervals. @param directory of the programs. @throws where one fails, or was not run */
export async function costOf(probes: readonly CheckProbe[], directory: string, intervalMs: number): Promise<CheckCost> {
  const agent = agentProbes([directory], {
    clock: realClock,
    random: realRandom,
    record: { path: join(directory, 'state/programs'), bootId: '0'.repeat(36) },
    state: () => undefined,
    serviceInterfaces: () => [],
  });
  const runner = new ScheduledCheckRunner({
    probes: agent.probes,
    clock: realClock,
    random: realRandom,
    log: quiet,
    node: 'bench',
  });
  let failures = '';
  let count = 0;
  runner.start(({ ok, output }) => {
    count++;
    if (!ok) failures = output;
  });
  runner.setChecks(
    probes.map((probe, index): Check => {
      return checkOf(`c${index}`, { ...probe }, { intervalMs, timeoutMs: intervalMs });
    }),
  );
  await sleep(intervalMs);
  const [own, children] = [process.cpuUsage(), childrenMs()];
  const begun = performance.now();
  await sleep(intervalMs * Math.ceil(MEASURED_MS / intervalMs));
  const lasted = performance.now() - begun;
  const { user, system } = process.cpuUsage(own);
  const childMs = childrenMs() - children;
  await runner.stop();
  await agent.stopProbes();
  if (failures !== '') throw new Error(`a check of the benchmark has failed: ${failures}`);
  if (count < (probes.length * lasted) / intervalMs) throw new Error(`only ${count} runs in ${lasted.toFixed(0)} ms`);
  return { agent: (user + system) / 10 / lasted, children: (100 * childMs) / lasted };
}

/** Processor time of the children that were reaped so far. */
function childrenMs(): number {
  const fields = (readFileSync('/proc/self/stat', 'utf8').split(') ')[1] ?? '').split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1_000) / TICKS_PER_SECOND;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
