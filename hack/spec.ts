// Explores the models in spec/ with TLC. Usage: node hack/spec.ts [--all] [--only=TEXT] [--outcome=FILE]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allRuns } from './spec/runs.ts';
import { explore, missingTlc } from './spec/tlc.ts';
import { expectationOf, judge } from './spec/verdict.ts';

const { values: options } = parseArgs({
  options: { all: { type: 'boolean' }, only: { type: 'string' }, outcome: { type: 'string' } },
});
const runs = allRuns()
  .filter(({ quick }) => options.all || options.only !== undefined || quick)
  .filter(({ config }) => config.includes(options.only ?? ''));
if (runs.length === 0) {
  console.error(`no configuration in spec/cfg has "${options.only}" in its name`);
  process.exit(2);
}

let passed = 0;
const failures: string[] = [];
const skips: string[] = [];
const missing = missingTlc();
if (missing !== undefined) skips.push(`${runs.length} configurations of the models [skipped: ${missing}]`);
for (const run of missing === undefined ? runs : []) {
  const startedAt = Date.now();
  const ending = await explore(run);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const verdict = judge(expectationOf(run.config), ending, run);
  if (verdict.passed) passed += 1;
  else failures.push(`${run.config}: ${verdict.text}`);
  console.log(
    `${verdict.passed ? 'ok    ' : 'FAILED'} ${run.config.padEnd(32)} ${seconds.padStart(7)} s  ${verdict.text}`,
  );
}

if (options.outcome !== undefined) writeFileSync(options.outcome, JSON.stringify({ passed, failures, skips }));
const strict = process.env['STRICT'] === '1';
for (const skip of skips) console.log(skip);
const failed = failures.length + (strict ? skips.length : 0);
console.log(`${passed} passed, ${failed} failed${skips.length > 0 && !strict ? `, ${skips.length} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
