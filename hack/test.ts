// Runs the suites of `make test`, or those named, and ends with the sum of all. Usage: node hack/test.ts [SUITE ...]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './source/files.ts';
import { ForegroundChild } from './test/child.ts';
import {
  type CaseReport,
  type JestReport,
  type Outcome,
  outcomeOfCases,
  outcomeOfCheck,
  outcomeOfJest,
  summarize,
} from './test/outcome.ts';
import { commandOf, selectSuites, type Suite } from './test/suites.ts';

const results = mkdtempSync(join(tmpdir(), 'vippool-test-'));
const child = new ForegroundChild();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true;
    child.end(signal);
  });
}

function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function runSuite(suite: Suite): Promise<Outcome> {
  console.log(`\n=== ${suite.name}`);
  const file = join(results, `${suite.name}.json`);
  const startedAt = Date.now();
  const exitCode = await child.run(commandOf(suite, file), REPOSITORY);
  const durationMs = Date.now() - startedAt;
  switch (suite.kind) {
    case 'check':
      return outcomeOfCheck(suite.name, durationMs, exitCode);
    case 'cases':
      return outcomeOfCases(suite.name, durationMs, exitCode, readReport(file) as CaseReport | undefined);
    case 'jest':
      return outcomeOfJest(suite.name, durationMs, exitCode, readReport(file) as JestReport | undefined);
  }
}

let suites: readonly Suite[];
try {
  suites = selectSuites(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
try {
  const outcomes: Outcome[] = [];
  for (const suite of suites) {
    if (!interrupted) outcomes.push(await runSuite(suite));
  }
  const { lines, exitCode } = summarize(outcomes, process.env['STRICT'] === '1');
  console.log(`\n=== summary\n${lines.join('\n')}`);
  process.exitCode = interrupted ? 130 : exitCode;
} finally {
  rmSync(results, { recursive: true, force: true });
}
