/**
 * Everything of a lab lives in network, mount and PID namespaces of its own: any number of labs run side by side, and
 * when the first process of one ends, however it ends, the kernel takes every process, link and temporary file of that
 * lab away with it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';

/** Inside: the process id, as the machine sees it, of a process in the lab's network and mount namespaces. */
const INSIDE = 'VIPPOOL_LAB';
/** Where the hosts of a lab have an id of their own; minimal images lack the file that theirs is mounted on. */
export const MACHINE_ID = '/etc/machine-id';
/** Time for what runs inside to end by itself after Ctrl-C. */
const GRACE_MS = 5_000;

/** What is made in the machine's own /run and /tmp would outlive a lab that is killed. */
const FIRST = `mount -t tmpfs vippool-lab /run && mkdir /run/netns /run/tmp && ip link set lo up || exit 1
export TMPDIR=/run/tmp
"$@"
exit $?`;

/**
 * Outside. $1 is who started us: it may have died before the kernel knew that we shall die with it. `unshare` keeps our
 * process id, which is what `nsenter` wants, and its own child, the first process inside, dies with it.
 */
const GATE = `[ "$PPID" = "$1" ] || exit 1
shift
export ${INSIDE}=$$
exec unshare --net --mount --pid --mount-proc --fork --kill-child sh -c '${FIRST}' sh "$@"`;

/**
 * The command line that runs another one in a lab of its own, which ends with this process even when that is killed.
 * A shell is the first process inside, so that Ctrl-C reaches the command.
 */
export const isolated = (command: readonly string[]): string[] => [
  'setpriv',
  '--pdeathsig',
  'KILL',
  'sh',
  '-c',
  GATE,
  'sh',
  String(process.pid),
  ...command,
];

/** Runs this very script again inside a lab of its own, unless it is inside already; never returns outside. */
export async function enterIsolation(): Promise<void> {
  if (process.env[INSIDE] !== undefined) return;
  const [program = '', ...args] = isolated([process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
  const child = spawn(program, args, { stdio: 'inherit' });
  // unshare itself is deaf to these two. Of a Ctrl-C the terminal tells what runs inside as well, and it may clean up.
  process.on('SIGINT', () => setTimeout(() => child.kill('SIGKILL'), GRACE_MS));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      child.kill('SIGKILL');
      process.exit(128 + constants.signals[signal]);
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`cannot start setpriv (package util-linux): ${cause.message}`)));
    child.once('exit', (status) => resolve(status ?? 130));
  });
  process.exit(code);
}

/** For `nsenter --target ... --net --mount`, from outside of the lab. @throws Error outside of an isolation. */
export function isolationPid(): string {
  const pid = process.env[INSIDE];
  if (pid === undefined) {
    throw new Error('a lab needs namespaces of its own: run `make e2e-tests`, or call enterIsolation() first');
  }
  return pid;
}

/** Gives hosts what an id of their own needs; any number of times. @throws Error outside of an isolation. */
export function prepareIsolation(): void {
  isolationPid();
  if (!existsSync(MACHINE_ID)) coverEtc();
}

/** The machine's /etc stays as it is: only the lab sees what is written to it. */
function coverEtc(): void {
  for (const directory of ['/run/etc/upper', '/run/etc/work']) mkdirSync(directory, { recursive: true });
  const layers = 'lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work';
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, '/etc']);
  writeFileSync(MACHINE_ID, '');
}
