/**
 * `make soak`: nothing is done to the hosts, and nothing may happen. Every profile runs idle and with all processors kept
 * busy; writes reports/soak.json. Exit code 1 where something happened in a profile that is judged.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolPath } from '../../src/testing/missing.ts';
import { describeMachine, writeReport } from '../lib/failover-report.ts';
import { startLoad } from './load.ts';
import { type Plan, planOf } from './options.ts';
import { complaints, type SoakLoad, type SoakRun, soakTable } from './report.ts';
import type { SoakOptions } from './soak.ts';

const ONE = fileURLToPath(new URL('one.ts', import.meta.url));
const REPORT = resolve(import.meta.dirname, '../../reports/soak.json');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** In a process of its own, which makes the lab. @throws Error where it could not be run. */
async function run(options: SoakOptions): Promise<SoakRun> {
  const child = spawn(process.execPath, [ONE, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${options.profile} ${options.load}: the run ended with exit code ${code}`);
  return JSON.parse(text) as SoakRun;
}

async function underLoad(load: SoakLoad, { seconds, profiles, together }: Plan, etcd: string): Promise<SoakRun[]> {
  const busy = load === 'busy' ? startLoad() : undefined;
  const one = (profile: SoakOptions['profile']): Promise<SoakRun> => {
    say(`${new Date().toISOString()}  ${profile} ${load}${busy ? ` (${busy.name})` : ''}, ${seconds} s`);
    return run({ etcd, profile, load, seconds });
  };
  try {
    if (together) return await Promise.all(profiles.map(one));
    const runs: SoakRun[] = [];
    for (const profile of profiles) runs.push(await one(profile));
    return runs;
  } finally {
    await busy?.stop();
  }
}

let plan: Plan;
try {
  plan = planOf(process.env);
} catch (error) {
  process.stderr.write(`soak: ${(error as Error).message}\n`);
  process.exit(2);
}
const { cpu, cores, memoryGiB, kernel, node } = describeMachine();
say(`${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}`);
const runs: SoakRun[] = [];
for (const load of plan.loads) {
  runs.push(...(await underLoad(load, plan, toolPath('etcd'))));
  // What is known stays known if the rest is interrupted.
  writeReport(REPORT, { together: plan.together, runs });
}
say(`\n${soakTable(runs)}`);
const found = complaints(runs);
say(found.length === 0 ? '\nnothing moved' : `\n${found.join('\n')}`);
say('reports/soak.json has all of it; VIPPOOL_KEEP_LOGS=DIR keeps the logs');
process.exitCode = found.length === 0 ? 0 : 1;
