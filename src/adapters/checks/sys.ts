/** The libc calls under the checks of the host. None blocks but `waitReadable`, which is for a thread of its own. */
import { constants } from 'node:os';
import koffi from 'koffi';

// The process itself: no libc file name, so glibc and musl alike.
const libc = koffi.load(null);
const pipeCall = libc.func('int pipe2(void*, int)');
const closeCall = libc.func('int close(int)');
const readCall = libc.func('intptr_t read(int, void*, size_t)');
const writeCall = libc.func('intptr_t write(int, void*, size_t)');
const pollCall = libc.func('int poll(void*, unsigned long, int)');
const fcntlCall = libc.func('int fcntl(int, int, int)');
const prctlCall = libc.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)');
const killCall = libc.func('int kill(int, int)');
const waitCall = libc.func('int waitpid(int, void*, int)');
const waitidCall = libc.func('int waitid(int, unsigned int, void*, int)');
const clockCall = libc.func('int clock_gettime(int, void*)');
const syscallCall = libc.func('long syscall(long, long, long)');

const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const P_ALL = 0;
/** siginfo_t, and where si_pid is in it. */
const INFO_BYTES = 128;
const INFO_PID = 16;
const POLLIN = 1;
const POLLFD_BYTES = 8;
/** The same number on every architecture: it is younger than their common table. */
const SYS_PIDFD_OPEN = 434;
const PR_SET_CHILD_SUBREAPER = 36;
const CLOCK_BOOTTIME = 7;
/** In which the kernel tells instants in /proc, on every architecture that there is a Node.js for. */
const NANOSECONDS_PER_TICK = 10_000_000n;

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** A system call that failed. Stays inside this adapter. */
export class CallError extends Error {
  /** "ESRCH" */
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = NAMES.get(errno) ?? String(errno);
    super(`${call}: ${code}`);
    this.name = 'CallError';
    this.code = code;
  }
}

const checked = (call: string, result: number): number => {
  if (result < 0) throw new CallError(call, koffi.errno());
  return result;
};

/** A pipe of which neither end blocks: [read, write]. Throws CallError, as all functions here. */
export function openPipe(): readonly [number, number] {
  const ends = new Int32Array(2);
  checked('pipe2', pipeCall(ends, O_NONBLOCK | O_CLOEXEC));
  const [read = -1, write = -1] = ends;
  return [read, write];
}

/** A pipe both ends of which block, for a program's input: [read, write]. */
export function openInputPipe(): readonly [number, number] {
  const ends = new Int32Array(2);
  checked('pipe2', pipeCall(ends, O_CLOEXEC));
  const [read = -1, write = -1] = ends;
  return [read, write];
}

/** A pipe whose write end blocks, as programs expect of their output: [read, write]. */
export function openOutputPipe(): readonly [number, number] {
  const [read, write] = openInputPipe();
  checked('fcntl', fcntlCall(read, F_SETFL, O_NONBLOCK));
  return [read, write];
}

export const closeFile = (fd: number): void => {
  checked('close', closeCall(fd));
};

/** Bytes read into `buffer`; 0 at the end, undefined where nothing is there yet. */
export function readSome(fd: number, buffer: Uint8Array): number | undefined {
  for (;;) {
    const length: number = readCall(fd, buffer, buffer.length);
    if (length >= 0) return length;
    const errno = koffi.errno();
    if (errno === constants.errno.EAGAIN) return undefined;
    if (errno !== constants.errno.EINTR) throw new CallError('read', errno);
  }
}

const NEWLINE = Buffer.from('\n');

/** Writes one newline to a pipe, so that its other end is readable. One that is full is readable already. */
export function wake(fd: number): void {
  writeCall(fd, NEWLINE, 1);
}

/** Which of these can be read now, or have ended. @param timeoutMs -1: until there is one */
export function waitReadable(fds: readonly number[], timeoutMs: number): ReadonlySet<number> {
  const entries = Buffer.alloc(fds.length * POLLFD_BYTES);
  for (const [index, fd] of fds.entries()) {
    entries.writeInt32LE(fd, index * POLLFD_BYTES);
    entries.writeInt16LE(POLLIN, index * POLLFD_BYTES + 4);
  }
  const count: number = pollCall(entries, fds.length, timeoutMs);
  if (count < 0) {
    const errno = koffi.errno();
    if (errno === constants.errno.EINTR) return new Set();
    throw new CallError('poll', errno);
  }
  return new Set(fds.filter((_fd, index) => entries.readInt16LE(index * POLLFD_BYTES + 6) !== 0));
}

/** A file that becomes readable when the process ends (Linux 5.3). */
export const openProcess = (pid: number): number => checked('pidfd_open', Number(syscallCall(SYS_PIDFD_OPEN, pid, 0)));

export const duplicate = (fd: number): number => checked('fcntl', fcntlCall(fd, F_DUPFD_CLOEXEC, 0));

/** Whether the process behind this file has ended. */
export const hasEnded = (processFile: number): boolean => waitReadable([processFile], 0).size > 0;

/** How long the host is up, in the unit of /proc/PID/stat. */
export function uptimeTicks(): bigint {
  const time = new BigInt64Array(2);
  checked('clock_gettime', clockCall(CLOCK_BOOTTIME, time));
  const [seconds = 0n, nanoseconds = 0n] = time;
  return (seconds * 1_000_000_000n + nanoseconds) / NANOSECONDS_PER_TICK;
}

/** What descendants leave behind becomes a child of this process, which can then reap it. */
export const adoptOrphans = (): void => {
  checked('prctl', prctlCall(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
};

/** Signals a process, or with a negative number a process group; one that is gone already is no error. */
export function signal(target: number, number: number): void {
  if (killCall(target, number) === 0) return;
  const errno = koffi.errno();
  if (errno !== constants.errno.ESRCH) throw new CallError('kill', errno);
}

/** What the kernel writes how a child ended, and which. */
const status = Buffer.alloc(4);
const info = Buffer.alloc(INFO_BYTES);

/** How a child ended, or undefined where it has not. */
export interface ChildEnd {
  /** Exit code, where it ended by itself. */
  readonly code: number | undefined;
  /** Number of the signal that ended it. */
  readonly signal: number | undefined;
}

/**
 * Takes the end of one child: of this process id, or with a negative number of this process group.
 *
 * @returns 'running' while there is one that has not ended, 'none' where there is none at all
 */
export function reap(target: number): ChildEnd | 'running' | 'none' {
  const pid: number = waitCall(target, status, WNOHANG);
  if (pid === 0) return 'running';
  if (pid < 0) return 'none';
  const value = status.readInt32LE(0);
  const number = value & 0x7f;
  return number === 0 ? { code: (value >> 8) & 0xff, signal: undefined } : { code: undefined, signal: number };
}

/** Process id of a child, or an adopted orphan, that has ended and that nobody has reaped yet. */
export function unreaped(): number | undefined {
  // Where there is none the kernel may leave it as it is.
  info.writeInt32LE(0, INFO_PID);
  if (waitidCall(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT) < 0) return undefined;
  const pid = info.readInt32LE(INFO_PID);
  return pid === 0 ? undefined : pid;
}
