import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LABS } from './lab.ts';

/** The part of jest's results that is read. */
interface FileResult {
  readonly testFilePath: string;
  readonly numFailingTests: number;
  readonly testExecError?: unknown;
}

/**
 * A reporter of jest: keeps what the processes of a test file's labs logged where one of its tests failed, until the file
 * fails again: who looks for a rare failure runs it many times. It has to run
 * inside the isolation, hence in the process that runs the tests, since the logs vanish with the lab.
 */
export default class LogsReporter {
  readonly #target: string;

  constructor({ rootDir }: { readonly rootDir: string }) {
    this.#target = join(rootDir, 'reports', 'e2e-logs');
  }

  onTestFileResult(_: unknown, { testFilePath, numFailingTests, testExecError }: FileResult): void {
    if (!existsSync(LABS)) return;
    if (numFailingTests > 0 || testExecError !== undefined) {
      const kept = join(this.#target, basename(testFilePath, '.ts'));
      rmSync(kept, { recursive: true, force: true });
      mkdirSync(kept, { recursive: true });
      cpSync(LABS, kept, { recursive: true });
      process.stderr.write(`Logs of the lab: ${kept}\n`);
    }
    rmSync(LABS, { recursive: true, force: true });
  }
}
