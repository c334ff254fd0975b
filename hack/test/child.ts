import { type ChildProcess, spawn } from 'node:child_process';

const GRACE_MS = 10_000;

/** Runs one command at a time in a process group of its own, so that all of it can be ended. */
export class ForegroundChild {
  #child: ChildProcess | undefined;
  #killTimer: NodeJS.Timeout | undefined;

  /**
   * Runs a command with our own output. What it leaves behind in its group is killed.
   *
   * @returns its exit code, -1 where it was ended or could not be started.
   */
  async run(command: readonly string[], cwd: string): Promise<number> {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    this.#child = child;
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

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended in the meantime.
  }
}
