import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { describeWith, missingLinux } from '../../testing/requirements.ts';
import { acquireHostLock } from './host-lock.ts';

const MODULE = fileURLToPath(new URL('host-lock.ts', import.meta.url));
const nameOf = (test: string): string => `vippool-test-${process.pid}-${test}`;

describeWith(missingLinux(), 'host lock', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** A process that tries to take the lock, says what it got, and does what `then` says. */
  const spawnAgent = async (name: string, then: string): Promise<{ child: ChildProcess; said: string }> => {
    const program = `
      import { spawn } from 'node:child_process';
      import { acquireHostLock } from ${JSON.stringify(MODULE)};
      const lock = acquireHostLock(${JSON.stringify(name)});
      ${then}
      process.stdout.write(lock.kind === 'acquired' ? 'acquired\\n' : lock.reason + '\\n');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, said: chunk.toString().trim() };
  };
  const STAY = 'setInterval(() => undefined, 1000);';

  test('a second process is refused with a message that names the cause', async () => {
    const name = nameOf('second');
    expect((await spawnAgent(name, STAY)).said).toBe('acquired');
    const { said } = await spawnAgent(name, '');
    expect(said).toMatch(/^another agent runs on this host: .*@vippool-test-/);
    expect(acquireHostLock(name)).toMatchObject({ kind: 'refused', reason: said });
  });

  test('after SIGKILL of the holder it is free at once, though a child of the holder lives on', async () => {
    const name = nameOf('killed');
    const sleeper = `globalThis.child = spawn('sleep', ['30'], { detached: true, stdio: 'ignore' });
      process.stdout.write(globalThis.child.pid + ' ');`;
    const { child, said } = await spawnAgent(name, `${sleeper} ${STAY}`);
    expect(said).toMatch(/^\d+/);
    expect(acquireHostLock(name).kind).toBe('refused');
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const lock = acquireHostLock(name);
    process.kill(Number.parseInt(said, 10));
    expect(lock.kind).toBe('acquired');
    if (lock.kind === 'acquired') lock.release();
  });

  test('a process that holds it ends by itself', async () => {
    const { child, said } = await spawnAgent(nameOf('ends'), '');
    expect(said).toBe('acquired');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });

  test('once released it can be taken again; other names are other locks', () => {
    const name = nameOf('released');
    const first = acquireHostLock(name);
    expect(acquireHostLock(`${name}2`).kind).toBe('acquired');
    if (first.kind !== 'acquired') throw new Error('not acquired');
    first.release();
    first.release();
    expect(acquireHostLock(name).kind).toBe('acquired');
    expect(acquireHostLock(name).kind).toBe('refused');
  });

  test.each(['', 'x'.repeat(108)])('"%s" is no name', (name) => {
    expect(() => acquireHostLock(name)).toThrow(RangeError);
  });
});
