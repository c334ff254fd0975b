import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolContext } from './context.ts';

/**
 * Runs `work` while no other process works on the same name. The lock is the kernel's (flock), held by a child whose
 * input is a pipe to us: it ends with us, however we end, so that no lock is ever stale.
 *
 * @throws Error where the `flock` program is missing.
 */
export async function withLock<T>(context: ToolContext, name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(context.cacheDir, { recursive: true });
  const holder = spawn('flock', [join(context.cacheDir, `.lock-${name}`), 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((done) => {
    holder.once('close', () => done());
  });
  const waiting = setTimeout(() => context.report(`${name}: waiting for another run that installs it`), 1_000);
  try {
    await new Promise<void>((held, failed) => {
      holder.once('error', (error) =>
        failed(new Error('the program "flock" is missing: install util-linux', { cause: error })),
      );
      holder.once('close', (code) => failed(new Error(`flock ended with code ${code}`)));
      holder.stdout.once('data', () => held());
    });
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    if (holder.pid !== undefined) {
      holder.stdin.end();
      await ended;
    }
  }
}
