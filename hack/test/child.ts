import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const GRACE_MS = 10_000;
/** The lowest priority there is. */
const IDLE_NICE = 19;

/** Runs one command at a time in a process group of its own, so that all of it can be ended. */
export class SuiteChild {
  #child: ChildProcess | undefined;
  #killTimer: NodeJS.Timeout | undefined;

  /**
   * Runs a command. What it leaves behind in its group is killed.
   *
   * @param output file descriptor of where it writes; undefined: our own output, and with our own priority. Otherwise it
   *   has what time others leave.
   * @returns its exit code, -1 where it was ended or could not be started.
   */
  async run(command: readonly string[], cwd: string, output?: number): Promise<number> {
    const [program = '', ...args] = output === undefined ? command : ['nice', '-n', `${IDLE_NICE}`, ...command];
    const to = output ?? 'inherit';
    const child = spawn(program, args, { cwd, stdio: ['ignore', to, to], detached: true });
    this.#child = child;
    if (output !== undefined && child.pid !== undefined) yieldSession(child.pid);
    const code = await new Promise<number>((done) => {
      child.once('error', (error) => {
        process.stderr.write(`${program}: ${error.message}\n`);
        done(-1);
      });
      child.once('exit', (status) => done(status ?? -1));
    });
    clearTimeout(this.#killTimer);
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    this.#child = undefined;
    return code;
  }

  /** Passes a signal on to the running command and its children; what still runs 10 s later is killed. */
  end(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    signalGroup(pid, signal);
    clearTimeout(this.#killTimer);
    this.#killTimer = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
  }
}

/** Where the kernel groups processes by session, priorities count inside a session only. */
function yieldSession(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, `${IDLE_NICE}`);
  } catch {
    // It does not group them, or the session has ended.
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended in the meantime.
  }
}
