import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface ProcessSpec {
  readonly name: string;
  readonly command: readonly string[];
  /** Network namespace below /run/netns; undefined: the switch's own. */
  readonly namespace?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A process on a host of the lab, started and ended like on a real one. */
export class LabProcess {
  readonly spec: ProcessSpec;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec) {
    this.spec = spec;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.spec.name} does not run`);
    return pid;
  }

  start(): this {
    if (this.#child) return this;
    const { command, namespace, env, logFile } = this.spec;
    const [program = '', ...args] =
      namespace === undefined ? command : ['nsenter', `--net=/run/netns/${namespace}`, ...command];
    const log = openSync(logFile, 'a');
    // A process group of its own: what it starts can be ended with it.
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
    });
    closeSync(log);
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      const ended = (): void => {
        if (this.#child === child) this.#child = undefined;
        resolve();
      };
      child.once('exit', ended);
      child.once('error', ended);
    });
    return this;
  }

  /** SIGTERM, and SIGKILL for one that does not listen. */
  async stop(deadlineMs = 3_000): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /** SIGKILL, for its children as well. */
  async kill(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    await this.#exited;
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  log(): string {
    return readFileSync(this.spec.logFile, 'utf8');
  }
}
