/**
 * Everything of a lab lives in network, mount and PID namespaces of its own: any number of labs run side by side, and
 * when the first process of one ends, however it ends, the kernel takes every process, link and temporary file of that
 * lab away with it.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

const INSIDE = 'VIPPOOL_LAB';

/** Arguments of `unshare` for a command line; a shell is the first process, so that Ctrl-C reaches the command. */
export const isolated = (command: readonly string[]): string[] => [
  'unshare',
  '--net',
  '--mount',
  '--pid',
  '--mount-proc',
  '--fork',
  '--kill-child',
  'env',
  `${INSIDE}=1`,
  'sh',
  '-c',
  '"$@"; exit $?',
  'sh',
  ...command,
];

/** Runs this very script again inside a lab of its own, unless it is inside already; never returns outside. */
export async function enterIsolation(): Promise<void> {
  if (process.env[INSIDE] === '1') return;
  const [program = '', ...args] = isolated([process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
  const child = spawn(program, args, { stdio: 'inherit' });
  // The terminal sends Ctrl-C to the child as well: it cleans up and ends, and we end with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`cannot start unshare (package util-linux): ${cause.message}`)));
    child.once('exit', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 143)));
  });
  process.exit(code);
}

/** Prepares the private mounts; once per process, before the first lab. @throws Error outside of an isolation. */
export function prepareIsolation(): void {
  if (process.env[INSIDE] !== '1') {
    throw new Error('a lab needs namespaces of its own: run `make e2e`, or call enterIsolation() first');
  }
  const mounts = execFileSync('cat', ['/proc/self/mounts'], { encoding: 'utf8' });
  if (mounts.includes('vippool-lab /run ')) return;
  execFileSync('mount', ['-t', 'tmpfs', 'vippool-lab', '/run']);
  mkdirSync('/run/netns');
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
}
