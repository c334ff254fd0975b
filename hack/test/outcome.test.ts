import { describe, expect, it } from '@jest/globals';
import { type JestReport, type Outcome, outcomeOfCases, outcomeOfCheck, outcomeOfJest, summarize } from './outcome.ts';

const report = (status: string, tests: readonly (readonly [string, string])[], message = ''): JestReport => ({
  testResults: [
    {
      name: 'src/a.test.ts',
      status,
      message,
      assertionResults: tests.map(([fullName, state]) => ({ fullName, status: state })),
    },
  ],
});

const outcome = (part: Partial<Outcome>): Outcome => ({
  suite: 'unit',
  durationMs: 1500,
  passed: 0,
  failures: [],
  skips: [],
  ...part,
});

describe('a check', () => {
  it('counts as one test', () => {
    expect(outcomeOfCheck('lint', 5, 0)).toMatchObject({ passed: 1, failures: [] });
    expect(outcomeOfCheck('lint', 5, 2)).toMatchObject({ passed: 0, failures: ['exit code 2'] });
  });
});

describe('a command that counts its cases', () => {
  it('is counted by what it reports', () => {
    const report = { passed: 4, failures: ['x: closed'], skips: ['y [skipped: needs java]'] };
    expect(outcomeOfCases('spec', 5, 1, report)).toMatchObject(report);
  });

  it('that crashed, or had no case, is a failure', () => {
    expect(outcomeOfCases('spec', 5, -1, undefined).failures).toEqual(['ended with code -1 and left no results']);
    const nothing = { passed: 0, failures: [], skips: [] };
    expect(outcomeOfCases('spec', 5, 0, nothing).failures).toEqual(['no case was run']);
  });
});

describe('a jest run', () => {
  it('is counted by the state of its tests', () => {
    const tests = [
      ['a', 'passed'],
      ['b', 'failed'],
      ['c [skipped: needs root]', 'pending'],
      ['d', 'todo'],
    ] as const;
    expect(outcomeOfJest('unit', 5, 1, report('failed', tests))).toMatchObject({
      passed: 1,
      failures: ['b'],
      skips: ['c [skipped: needs root]', 'd [no reason given]'],
    });
  });

  it('with a file that does not load has a failure', () => {
    const { failures } = outcomeOfJest('unit', 5, 1, report('failed', [], '\n  SyntaxError: x\n  at'));
    expect(failures).toEqual(['src/a.test.ts: SyntaxError: x']);
  });

  it('that crashed has a failure', () => {
    expect(outcomeOfJest('e2e', 5, -1, undefined).failures).toEqual(['jest ended with code -1 and left no results']);
  });

  it('without any test has a failure', () => {
    expect(outcomeOfJest('e2e', 5, 0, { testResults: [] }).failures).toEqual(['no test was run']);
  });

  it('that fails although its tests passed has a failure', () => {
    const { passed, failures } = outcomeOfJest('unit', 5, 1, report('passed', [['a', 'passed']]));
    expect(passed).toBe(1);
    expect(failures).toEqual(['jest ended with code 1 although no test failed']);
  });
});

describe('the summary', () => {
  it('ends with the sum of all suites', () => {
    const { lines, exitCode } = summarize([outcome({ passed: 3 }), outcome({ suite: 'e2e', passed: 2 })], false);
    expect(lines[0]).toMatch(/^unit +1\.5 s +3 passed +0 failed +0 skipped$/);
    expect(lines.at(-1)).toBe('5 passed, 0 failed, 0 skipped');
    expect(exitCode).toBe(0);
  });

  it('lists what failed, and fails', () => {
    const { lines, exitCode } = summarize([outcome({ passed: 3, failures: ['x'] })], false);
    expect(lines).toContain('  [unit] x');
    expect(lines.at(-1)).toBe('3 passed, 1 failed, 0 skipped');
    expect(exitCode).toBe(1);
  });

  it('lists what was skipped, and passes', () => {
    const { lines, exitCode } = summarize([outcome({ passed: 3, skips: ['y [skipped: needs root]'] })], false);
    expect(lines).toContain('  [unit] y [skipped: needs root]');
    expect(lines.at(-1)).toBe('3 passed, 0 failed, 1 skipped');
    expect(exitCode).toBe(0);
  });

  it('counts what was skipped as failed where skips are not allowed', () => {
    const { lines, exitCode } = summarize([outcome({ passed: 3, skips: ['y'] })], true);
    expect(lines.at(-1)).toBe('3 passed, 1 failed, 0 skipped');
    expect(exitCode).toBe(1);
  });

  it('of nothing is a failure', () => {
    expect(summarize([], false)).toMatchObject({ exitCode: 1 });
    expect(summarize([outcome({})], false).lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  });
});
