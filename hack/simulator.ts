// Runs schedules of the simulator, then each planted bug until it is caught. Usage: node hack/simulator.ts [--seeds=3000]
// [--workers=2] [--outcome=FILE]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PLANTED_BUGS } from '../src/testing/sim/planted-bugs.ts';
import { runPlanted } from '../src/testing/sim/planting.ts';
import { outcomeLine } from '../src/testing/sim/report.ts';
import { REPOSITORY } from './source/files.ts';

/** Each planted bug shows in far fewer schedules than the 20,000 that `make sim-planted` grants it. */
const LIMIT = 300;

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3000' },
    workers: { type: 'string', default: '2' },
    outcome: { type: 'string' },
  },
});
const { seeds, workers } = options;
let passed = 0;
const failures: string[] = [];

const folder = mkdtempSync(join(tmpdir(), 'vippool-simulator-'));
try {
  const report = join(folder, 'report.json');
  const script = ['src/testing/sim/main.ts', '--seeds', seeds, '--workers', workers, '--report', report];
  const { status } = spawnSync(process.execPath, script, { cwd: REPOSITORY, stdio: 'inherit' });
  if (status === 0) passed++;
  else failures.push(`${seeds} schedules: exit code ${status}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

await runPlanted(PLANTED_BUGS, { limit: LIMIT, first: 1, workers: Number(workers) }, (outcome) => {
  const line = outcomeLine(outcome);
  console.log(line);
  if (outcome.outcome === 'caught') passed++;
  else failures.push(line);
});

if (options.outcome !== undefined) writeFileSync(options.outcome, JSON.stringify({ passed, failures, skips: [] }));
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
