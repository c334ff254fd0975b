import type { Clock } from '../../ports/clock.ts';
import type { ProgramHost, RunningProgram } from './host-thread.ts';
import type { ProgramReport } from './host-messages.ts';
import { ownMemoryLimit, programMemoryKib } from './program-memory.ts';
import { Slots } from './slots.ts';
import { untilAborted } from './until-aborted.ts';

const SIGTERM = 15;
const SIGKILL = 9;
/** From SIGTERM to SIGKILL, and from that until nobody waits any more. */
const GRACE_MS = 200;
const MAX_PROGRAMS = 64;
/** Checks that were late last time cannot keep the others waiting. */
const MAX_SLOW_PROGRAMS = 32;

/** Waits for its start and sets limits. */
const preparation = (memoryKib: number): string =>
  `read -r start || exit; unset start; cd /; unset OLDPWD; ulimit -c 0; ulimit -d ${memoryKib} 2>/dev/null; exec </dev/null`;
/**
 * Becomes the program. A fixed text: the program and its arguments are passed as arguments, and no shell reads them. The
 * file is opened in the child, so one on a file system that hangs holds up nobody else.
 */
const BECOME = 'exec "$@"';

export type ProgramEnd =
  | Extract<ProgramReport, { kind: 'ended' }>
  /** It took too long and was killed. */
  | { readonly kind: 'late'; readonly output: string }
  /** It could not be killed, or one of an earlier run could not: nothing more is started before that has ended. */
  | { readonly kind: 'hangs'; readonly forMs: number }
  /** So many others were running that it was not started in time. */
  | { readonly kind: 'crowded'; readonly limit: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** Runs programs: a limited number at once, and one of each owner. */
export class Programs {
  readonly #host: ProgramHost;
  readonly #clock: Clock;
  readonly #preparation: string;
  readonly #slots = new Slots(MAX_PROGRAMS, MAX_SLOW_PROGRAMS);
  /** When the program that runs for an owner was started. */
  readonly #startedAt = new Map<string, number>();
  readonly #slow = new Set<string>();

  /** @param memoryLimit in bytes, what all programs and the agent may have together; default as it is for this process */
  constructor(host: ProgramHost, clock: Clock, memoryLimit = ownMemoryLimit()) {
    this.#preparation = preparation(programMemoryKib(memoryLimit));
    this.#host = host;
    this.#clock = clock;
  }

  /** Programs that run, or that could not be killed. */
  get running(): number {
    return this.#startedAt.size;
  }

  /**
   * Runs a program until it ends or `signal` is aborted, which kills it with its whole process group.
   *
   * @param owner what it is run for. @param argv absolute path first. @param environment all of it, "NAME=value"
   */
  run(
    owner: string,
    argv: readonly string[],
    environment: readonly string[],
    signal: AbortSignal,
  ): Promise<ProgramEnd> {
    return this.runText(owner, BECOME, argv, environment, signal);
  }

  /**
   * The same for a text of our own: it is read by the shell that would start a program, which saves the start of another.
   *
   * @param args its "$1" and so on
   */
  async runText(
    owner: string,
    text: string,
    args: readonly string[],
    environment: readonly string[],
    signal: AbortSignal,
  ): Promise<ProgramEnd> {
    const earlier = this.#startedAt.get(owner);
    if (earlier !== undefined) return { kind: 'hangs', forMs: this.#clock.now() - earlier };
    const release = await this.#slots.take(this.#slow.has(owner), signal);
    if (release === undefined) return { kind: 'crowded', limit: MAX_PROGRAMS };
    const startedAt = this.#clock.now();
    this.#startedAt.set(owner, startedAt);
    const program = this.#host.spawn(['/bin/sh', '-c', `${this.#preparation}; ${text}`, 'sh', ...args], environment);
    const ended = program.ended.then((report) => {
      this.#startedAt.delete(owner);
      release();
      return report;
    });
    const first = await untilAborted(ended, signal);
    if (first !== undefined) {
      this.#slow.delete(owner);
      return first;
    }
    this.#slow.add(owner);
    const report = await this.#kill(program, ended);
    if (report === undefined) return { kind: 'hangs', forMs: this.#clock.now() - startedAt };
    return report.kind === 'failed' ? report : { kind: 'late', output: report.output };
  }

  /** undefined where it survives that. */
  async #kill(program: RunningProgram, ended: Promise<ProgramReport>): Promise<ProgramReport | undefined> {
    for (const number of [SIGTERM, SIGKILL]) {
      program.signal(number);
      let cancel = (): void => undefined;
      const grace = new Promise<undefined>((resolve) => {
        cancel = this.#clock.after(GRACE_MS, () => resolve(undefined));
      });
      const report = await Promise.race([ended, grace]);
      cancel();
      if (report !== undefined) return report;
    }
    return undefined;
  }
}
