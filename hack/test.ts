// Runs the suites of `make test`, or those named, and ends with the sum of all. Usage: node hack/test.ts [SUITE ...]
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './source/files.ts';
import { SuiteChild } from './test/child.ts';
import {
  type CaseReport,
  type JestReport,
  type Outcome,
  outcomeOfCases,
  outcomeOfCheck,
  outcomeOfJest,
  summarize,
} from './test/outcome.ts';
import { commandOf, lanesOf, selectSuites, type Suite } from './test/suites.ts';

const results = mkdtempSync(join(tmpdir(), 'vippool-test-'));
const children = [new SuiteChild(), new SuiteChild()] as const;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of children) child.end(signal);
  });
}

function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function runSuite(suite: Suite, child: SuiteChild, output?: number): Promise<Outcome> {
  const file = join(results, `${suite.name}.json`);
  const startedAt = Date.now();
  const exitCode = await child.run(commandOf(suite, file), REPOSITORY, output);
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

async function inTurn(lane: readonly Suite[], run: (suite: Suite) => Promise<Outcome>): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const suite of lane) if (!interrupted) outcomes.push(await run(suite));
  return outcomes;
}

function shown(suite: Suite): Promise<Outcome> {
  console.log(`\n=== ${suite.name}`);
  return runSuite(suite, children[0]);
}

/** What it writes is shown as a whole when it has ended. */
async function beside(suite: Suite): Promise<Outcome> {
  console.log(`\n=== ${suite.name} begins, beside the other suites`);
  const log = join(results, `${suite.name}.log`);
  const output = openSync(log, 'w');
  try {
    return await runSuite(suite, children[1], output);
  } finally {
    closeSync(output);
    console.log(`\n=== ${suite.name}\n${readFileSync(log, 'utf8')}`);
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
  const [first, others] = lanesOf(suites);
  const outcomes = (await Promise.all([inTurn(first, shown), inTurn(others, beside)])).flat();
  const { lines, exitCode } = summarize(outcomes, process.env['STRICT'] === '1');
  console.log(`\n=== summary\n${lines.join('\n')}`);
  process.exitCode = interrupted ? 130 : exitCode;
} finally {
  rmSync(results, { recursive: true, force: true });
}
