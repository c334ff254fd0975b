import { expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { describeWith, missingNetworkNamespaces } from '../../src/testing/requirements.ts';
import { isolated } from './isolation.ts';
import { processesWith } from './processes.ts';
import { waitFor } from './wait.ts';

const MODULE = join(import.meta.dirname, 'isolation.ts');
/** A test runner: starts a command in a lab and waits for it. */
const RUNNER = `
  const { isolated } = await import(${JSON.stringify(MODULE)});
  const { spawn } = await import('node:child_process');
  const [program, ...args] = isolated(['sh', '-c', 'sleep 600 & echo ready; wait; : "$0"', process.argv[1]]);
  spawn(program, args, { stdio: 'inherit', detached: true });
`;

const run = (command: readonly string[]): { status: number | null; stdout: string } => {
  const [program = '', ...args] = command;
  return spawnSync(program, args, { encoding: 'utf8' });
};

describeWith(missingNetworkNamespaces(), 'a command in a lab of its own', () => {
  it('ends when its runner is killed, though it is in a process group of its own', async () => {
    const word = randomUUID();
    const runner = spawn(process.execPath, ['--input-type=module', '--eval', RUNNER, word], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(runner.stdout, 'data');
    expect(processesWith(word).length).toBeGreaterThan(1);
    runner.kill('SIGKILL');
    await waitFor('every process to be gone', () => processesWith(word).length === 0, 5_000);
  }, 20_000);

  it('hands its exit code on', () => {
    expect(run(isolated(['sh', '-c', 'exit 7'])).status).toBe(7);
  });

  it('sees no link but its own loopback', () => {
    const { stdout } = run(isolated(['ls', '/proc/sys/net/ipv4/conf']));
    expect(stdout.split('\n').filter((name) => name !== '')).toEqual(['all', 'default', 'lo']);
  });

  it('does not start for a runner that has died meanwhile', () => {
    const command = isolated(['echo', 'started']).map((word) => (word === String(process.pid) ? '1' : word));
    expect(run(command)).toMatchObject({ status: 1, stdout: '' });
  });
});
