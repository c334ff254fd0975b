import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { describeWith, missingLinux } from '../testing/requirements.ts';

describeWith(missingLinux(), 'a process with a read that hangs', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vippool-exit-'));
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  afterAll(() => rmSync(directory, { recursive: true }));

  /** How it ends, and what it says at its end. */
  const end = (before: string) => {
    const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const program = `
      import { open, writeSync } from 'node:fs';
      import { endAtOnce } from ${at('../adapters/linux/process-calls.ts')};
      import { exitNow, neverWaitForThreads } from ${at('../adapters/system/process-exit.ts')};
      ${before}
      open(${JSON.stringify(pipe)}, 'r', () => undefined);
      process.once('exit', () => writeSync(1, 'last words'));
      exitNow(3);`;
    const options = { encoding: 'utf8', timeout: 2_000, killSignal: 'SIGKILL' } as const;
    const { status, signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], options);
    return { status, signal, stdout };
  };

  it('would wait for it at its end', () => {
    expect(end('')).toMatchObject({ status: null, signal: 'SIGKILL' });
  });

  it('ends at once where it must, after everything else was done', () => {
    expect(end('neverWaitForThreads(endAtOnce);')).toEqual({ status: 3, signal: null, stdout: 'last words' });
  });
});
