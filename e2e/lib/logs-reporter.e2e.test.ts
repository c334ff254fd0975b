import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, missingNetworkNamespaces } from '../../src/testing/requirements.ts';
import { Lab, LABS } from './lab.ts';
import LogsReporter from './logs-reporter.ts';
import { waitFor } from './wait.ts';

describeWith(missingNetworkNamespaces(), 'the logs of a lab', () => {
  let rootDir: string;
  let reporter: LogsReporter;
  let lab: Lab;

  beforeEach(async () => {
    lab = Lab.create(['one']);
    rootDir = mkdtempSync(join(tmpdir(), 'reports-'));
    reporter = new LogsReporter({ rootDir });
    const speaker = lab.host('one').run('speaker', ['echo', 'what went wrong']);
    await waitFor('its word', () => !speaker.running, 3_000);
  });
  afterEach(async () => {
    await lab.destroy();
    rmSync(rootDir, { recursive: true });
  });

  const report = (numFailingTests: number, testExecError?: unknown): void =>
    reporter.onTestFileResult(undefined, { testFilePath: '/x/faults.e2e.test.ts', numFailingTests, testExecError });
  const kept = (of = lab): string => {
    const directory = join(rootDir, 'reports', 'e2e-logs', 'faults.e2e.test', of.logs.slice(LABS.length));
    return readFileSync(join(directory, 'one', 'speaker.log'), 'utf8');
  };

  it('are kept where a test failed', async () => {
    await lab.destroy();
    report(1);
    expect(kept()).toBe('what went wrong\n');
    expect(existsSync(LABS)).toBe(false);
  });

  it('are kept where a file broke and its lab was never taken down', async () => {
    report(0, new Error('it does not load'));
    expect(kept()).toBe('what went wrong\n');
  });

  it('vanish where all went well, and those of an earlier failure stay', async () => {
    await lab.destroy();
    report(1);
    const failed = lab;
    lab = Lab.create(['one']);
    report(0);
    expect(existsSync(LABS)).toBe(false);
    expect(kept(failed)).toBe('what went wrong\n');
  });
});
