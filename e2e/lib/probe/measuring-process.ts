import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Command } from './protocol.ts';

type Answer = { readonly kind: 'ready' } | { readonly kind: 'report'; readonly id: number; readonly report: unknown };

/** One of the harness's measuring programs; ends with the harness, because its standard input does. */
export class MeasuringProcess {
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: Answer) => void)[] = [];
  readonly #exited: Promise<void>;
  #reports = 0;

  constructor(script: string, args: readonly string[], namespace?: string) {
    const own = [process.execPath, script, ...args];
    const [program = '', ...rest] =
      namespace === undefined ? own : ['nsenter', `--net=/run/netns/${namespace}`, ...own];
    this.#child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    createInterface({ input: this.#child.stdout ?? process.stdin }).on('line', (line) => {
      this.#waiting.shift()?.(JSON.parse(line) as Answer);
    });
  }

  /** From now on these VIPs are measured as well. */
  async add(vips: readonly string[]): Promise<void> {
    await this.#ask({ kind: 'vips', vips });
  }

  /** What was measured since then, by VIP. */
  async report<T>(since: number): Promise<ReadonlyMap<string, T>> {
    const answer = await this.#ask({ kind: 'report', since, id: this.#reports++ });
    if (answer.kind !== 'report') throw new Error('a measuring process answered out of turn');
    return new Map(Object.entries(answer.report as Record<string, T>));
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }

  #ask(command: Command): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    });
  }
}
