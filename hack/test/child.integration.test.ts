import { expect, it } from '@jest/globals';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith, missingLinux } from '../../src/testing/requirements.ts';
import { SuiteChild } from './child.ts';

/** Of a process that has ended, and may wait for its parent to notice, nothing is running any more. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

async function until(condition: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (await condition()) return true;
    await sleep(20);
  }
  return false;
}

describeWith(missingLinux(), 'a suite that is interrupted', () => {
  it('ends with all its children', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vippool-child-'));
    try {
      const pidFile = join(dir, 'pid');
      const child = new SuiteChild();
      const ended = child.run(['sh', '-c', `sleep 300 & echo $! > ${pidFile}; wait`], dir);
      const grandchild = async (): Promise<number> => Number(await readFile(pidFile, 'utf8').catch(() => '0'));
      expect(await until(async () => (await grandchild()) > 0)).toBe(true);
      child.end('SIGINT');
      expect(await ended).not.toBe(0);
      const pid = await grandchild();
      // A shell starts background jobs deaf to SIGINT, so this one is killed when the shell has ended.
      expect(await until(async () => !(await isRunning(pid)))).toBe(true);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('that runs beside others gives way to them, and what it writes is kept', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vippool-child-'));
    try {
      const file = join(dir, 'output');
      const output = openSync(file, 'w');
      expect(await new SuiteChild().run(['sh', '-c', 'nice; sleep 0.1; cat /proc/self/autogroup'], dir, output)).toBe(
        0,
      );
      closeSync(output);
      expect(readFileSync(file, 'utf8')).toMatch(/^19\n(\/autogroup-\d+ nice 19\n)?$/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('that cannot be started is a failure', async () => {
    expect(await new SuiteChild().run(['vippool-no-such-program'], '/')).toBe(-1);
  });
});
