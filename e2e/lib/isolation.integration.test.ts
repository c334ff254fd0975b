import { afterEach, expect, it } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describeWith, missingNetworkNamespaces } from '../../src/testing/requirements.ts';
import { processesWith } from './processes.ts';
import { waitFor } from './wait.ts';

const FIXTURE = join(import.meta.dirname, 'isolation-fixture.ts');

const machine = (): string =>
  execFileSync('sh', ['-c', 'ip -br link; ip netns list; ls /run; grep -c lab- /proc/mounts; true'], {
    encoding: 'utf8',
  });

/** In a process group of its own, as a terminal would start it. */
async function startLab(marker: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [FIXTURE, marker], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the lab ended with ${code}`)));
  });
  await waitFor('its processes', () => processesWith(marker).length >= 5, 5_000);
  return child;
}

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

describeWith(missingNetworkNamespaces(), 'a lab', () => {
  it.each([
    ['SIGKILL of its first process', (pid: number) => process.kill(pid, 'SIGKILL')],
    ['Ctrl-C', (pid: number) => process.kill(-pid, 'SIGINT')],
    ['SIGTERM', (pid: number) => process.kill(pid, 'SIGTERM')],
  ])(
    'leaves nothing behind after %s',
    async (_, end) => {
      const before = machine();
      const marker = randomUUID();
      const child = await startLab(marker);
      expect(machine()).toBe(before);
      end(child.pid ?? 0);
      await waitFor('every process to be gone', () => processesWith(marker).length === 0, 5_000);
      expect(machine()).toBe(before);
    },
    20_000,
  );

  it('runs beside another one', async () => {
    const markers = [randomUUID(), randomUUID()];
    const labs = await Promise.all(markers.map(startLab));
    process.kill(labs[0]?.pid ?? 0, 'SIGKILL');
    await waitFor('the first to be gone', () => processesWith(markers[0] ?? '').length === 0, 5_000);
    expect(processesWith(markers[1] ?? '').length).toBeGreaterThanOrEqual(5);
    process.kill(labs[1]?.pid ?? 0, 'SIGKILL');
    await waitFor('the second to be gone', () => processesWith(markers[1] ?? '').length === 0, 5_000);
  }, 30_000);
});
