/**
 * Everything of a lab lives in network, mount and PID namespaces of its own: any number of labs run side by side, and
 * when the first process of one ends, however it ends, the kernel takes every process, link and temporary file of that
 * lab away with it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const INSIDE = 'VIPPOOL_LAB';
const GRACE_MS = 2_000;

/**
 * The command line that runs a command in a lab of its own. A shell is the lab's first process, so that Ctrl-C reaches
 * the command; when whoever starts this is killed, the kernel ends the lab.
 */
export const isolated = (command: readonly string[]): string[] => [
  'setpriv',
  '--pdeathsig',
  'KILL',
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
  // Ctrl-C reaches the script as well, which may clean up and end; a signal to us alone ends it the hard way.
  process.once('SIGINT', () => setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref());
  process.once('SIGTERM', () => child.kill('SIGKILL'));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`cannot start ${program} (package util-linux): ${cause.message}`)));
    child.once('exit', (status, signal) => resolve(status ?? (signal === null ? 1 : 143)));
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
