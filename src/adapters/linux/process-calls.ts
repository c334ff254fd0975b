/** The libc calls that concern the process itself: its scheduling, and its end with its parent. */
import { readdirSync } from 'node:fs';
import koffi from 'koffi';
import { SysError } from './sys-error.ts';

const libc = koffi.load(null);
const scheduler = libc.func('int sched_setscheduler(int, int, void*)');
const exitCall = libc.func('void _exit(int)');
const prctl = libc.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)');

const SCHED_OTHER = 0;
const SCHED_RR = 2;
/** Children are scheduled normally, so that checks and hooks starve nobody. */
const SCHED_RESET_ON_FORK = 0x4000_0000;
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/**
 * Schedules every thread of the process in real time (round robin), or normally again. The main thread waits for the
 * others, so one that is left behind would make all of them late. Throws SysError.
 *
 * @param priority 1 to 99; undefined: normal
 */
export function scheduleThreads(priority: number | undefined): void {
  const parameter = Buffer.alloc(4);
  parameter.writeInt32LE(priority ?? 0);
  const policy = priority === undefined ? SCHED_OTHER : SCHED_RR | SCHED_RESET_ON_FORK;
  for (const thread of threads()) {
    if (scheduler(thread, policy, parameter) === 0) continue;
    const error = new SysError('sched_setscheduler', koffi.errno());
    // A thread may end at any time.
    if (error.code !== 'ESRCH') throw error;
  }
}

/** The main thread comes first, so that a refusal changes nothing. */
const threads = (): readonly number[] => {
  const others = readdirSync('/proc/self/task').map(Number);
  return [process.pid, ...others.filter((thread) => thread !== process.pid)];
};

/** Ends this process now: nothing is waited for, not even threads that hang in the kernel. */
export function endAtOnce(code: number): void {
  exitCall(code);
}

/** The kernel kills this process when its parent ends, however it ends. */
export function endWithParent(): void {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) !== 0) throw new SysError('prctl', koffi.errno());
}
