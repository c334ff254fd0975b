import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { describeWith, missingLinux } from '../../testing/requirements.ts';

describeWith(missingLinux(), 'the threads for calls that block', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vippool-threads-'));
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  afterAll(() => rmSync(directory, { recursive: true }));

  /** What a process says that reads a file while so many other reads hang: nobody ever writes to the pipe. */
  const readBeside = (hanging: number, before = ''): string => {
    const module = JSON.stringify(new URL('./thread-pool.ts', import.meta.url).href);
    const program = `
      import { open, readFile, writeSync } from 'node:fs';
      import { provideThreads } from ${module};
      const end = (text) => { writeSync(1, text); process.kill(process.pid, 'SIGKILL'); };
      ${before}
      for (let count = 0; count < ${hanging}; count++) open(${JSON.stringify(pipe)}, 'r', () => undefined);
      setTimeout(end, 500, 'late');
      readFile('/proc/stat', () => end('read'));`;
    return spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }).stdout;
  };

  it('are left for the rest when as many reads hang as may', () => {
    expect(readBeside(12, 'provideThreads(process.env);')).toBe('read');
    expect(readBeside(12)).toBe('late');
  });

  it('are as many as somebody has asked for, where that is more', () => {
    expect(readBeside(40, `process.env.UV_THREADPOOL_SIZE = '50'; provideThreads(process.env);`)).toBe('read');
  });
});
