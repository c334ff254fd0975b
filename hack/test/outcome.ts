/** What one suite came to. */
export interface Outcome {
  readonly suite: string;
  readonly durationMs: number;
  readonly passed: number;
  /** One line for each failed test. */
  readonly failures: readonly string[];
  /** One line for each skipped test, with its reason. */
  readonly skips: readonly string[];
}

/** The part of jest's JSON report that is read. */
export interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Outcome of a command that is one check. */
export function outcomeOfCheck(suite: string, durationMs: number, exitCode: number): Outcome {
  const passed = exitCode === 0;
  return { suite, durationMs, passed: passed ? 1 : 0, failures: passed ? [] : [`exit code ${exitCode}`], skips: [] };
}

/** What a command reports that counts its own cases. */
export type CaseReport = Pick<Outcome, 'passed' | 'failures' | 'skips'>;

/** @param report undefined where the command left none that can be read: it crashed, or was interrupted. */
export function outcomeOfCases(
  suite: string,
  durationMs: number,
  exitCode: number,
  report: CaseReport | undefined,
): Outcome {
  const { passed, failures, skips } = report ?? { passed: 0, failures: [], skips: [] };
  const all = [...failures];
  if (report === undefined) all.push(`ended with code ${exitCode} and left no results`);
  else if (passed + failures.length + skips.length === 0) all.push('no case was run');
  return { suite, durationMs, passed, failures: all, skips };
}

const skipReason = (fullName: string): string =>
  fullName.includes('[skipped: ') ? fullName : `${fullName} [no reason given]`;

/**
 * Outcome of a jest run.
 *
 * @param report undefined where jest wrote none, or none that can be read: it crashed, or there was no test.
 */
export function outcomeOfJest(
  suite: string,
  durationMs: number,
  exitCode: number,
  report: JestReport | undefined,
): Outcome {
  const tests = (report?.testResults ?? []).flatMap((file) => file.assertionResults);
  const of = (...states: string[]) => tests.filter(({ status }) => states.includes(status));
  const passed = of('passed').length;
  const skips = of('pending', 'todo', 'skipped', 'disabled').map(({ fullName }) => skipReason(fullName));
  const failures = of('failed').map(({ fullName }) => fullName);
  for (const file of report?.testResults ?? []) {
    const failedInside = file.assertionResults.some(({ status }) => status === 'failed');
    if (file.status === 'failed' && !failedInside) failures.push(`${file.name}: ${firstLine(file.message)}`);
  }
  if (failures.length === 0) {
    if (report === undefined) failures.push(`jest ended with code ${exitCode} and left no results`);
    else if (tests.length === 0) failures.push('no test was run');
    else if (exitCode !== 0) failures.push(`jest ended with code ${exitCode} although no test failed`);
  }
  return { suite, durationMs, passed, failures, skips };
}

const firstLine = (text: string): string =>
  text
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim() ?? 'failed';

export interface Summary {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

/** @param strict skipped tests count as failed. */
export function summarize(outcomes: readonly Outcome[], strict: boolean): Summary {
  const failures = outcomes.flatMap(({ suite, failures: all }) => all.map((line) => `[${suite}] ${line}`));
  const skips = outcomes.flatMap(({ suite, skips: all }) => all.map((line) => `[${suite}] ${line}`));
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  if (passed + failures.length + skips.length === 0) failures.push('no test was run');
  const lines = outcomes.map(
    ({ suite, durationMs, ...outcome }) =>
      `${suite.padEnd(14)} ${(durationMs / 1000).toFixed(1).padStart(7)} s ${String(outcome.passed).padStart(6)} passed` +
      ` ${String(outcome.failures.length).padStart(4)} failed ${String(outcome.skips.length).padStart(4)} skipped`,
  );
  if (skips.length > 0) {
    lines.push('', strict ? 'Skipped (each is a failure, STRICT=1):' : 'Skipped:', ...skips.map((line) => `  ${line}`));
  }
  if (failures.length > 0) lines.push('', 'Failed:', ...failures.map((line) => `  ${line}`));
  const failed = failures.length + (strict ? skips.length : 0);
  lines.push('', `${passed} passed, ${failed} failed, ${strict ? 0 : skips.length} skipped`);
  return { lines, exitCode: failed === 0 ? 0 : 1 };
}
