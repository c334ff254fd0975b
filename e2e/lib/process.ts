import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface ProcessSpec {
  readonly name: string;
  readonly command: readonly string[];
  /** Network namespace below /run/netns; undefined: the switch's own. */
  readonly namespace?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Files and directories that this process sees in place of the machine's: the machine's path to the other one. */
  readonly files?: Readonly<Record<string, string>>;
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
    const { env, logFile } = this.spec;
    const [program = '', ...args] = commandLine(this.spec);
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
    this.thaw();
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

  /** With its children. */
  freeze(): void {
    process.kill(-this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(-this.pid, 'SIGCONT');
  }

  /** SIGKILL for its child alone, which its supervisor is there to bring back. */
  killChild(): void {
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim();
    const child = Number(children.split(' ')[0]);
    if (!(child > 0)) throw new Error(`${this.spec.name} has no child`);
    process.kill(child, 'SIGKILL');
  }

  /** Nothing where the process does not run. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  log(): string {
    return readFileSync(this.spec.logFile, 'utf8');
  }
}

/** Each step takes the place of the one before, so that signals reach the command itself. */
function commandLine({ command, namespace, files }: ProcessSpec): readonly string[] {
  const mounts = Object.entries(files ?? {}).flatMap(([machine, own]) => [own, machine]);
  const withFiles =
    mounts.length === 0
      ? command
      : [...UNSHARE, 'sh', '-c', MOUNT_AND_RUN, 'sh', String(mounts.length / 2), ...mounts, ...command];
  return namespace === undefined ? withFiles : ['nsenter', `--net=/run/netns/${namespace}`, ...withFiles];
}

/** What is mounted on a host later is seen by what runs on it already. */
const UNSHARE = ['unshare', '--mount', '--propagation=slave'];
/** $1: how many mounts; then source and target of each, then the command. */
const MOUNT_AND_RUN =
  'n=$1; shift; while [ $n -gt 0 ]; do mount --rbind "$1" "$2" || exit 1; shift 2; n=$((n-1)); done; exec "$@"';
