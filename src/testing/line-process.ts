import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { errorText } from '../core/error-text.ts';
import type { HostNamespace } from './host-namespace.ts';

interface Answer {
  readonly ready?: true;
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** The parent's end of a program that calls `serveLines`, in another process inside a namespace. */
export class LineProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #exited: Promise<unknown>;
  /** Why it answers no more. */
  #ended: string | undefined;
  #next = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, 'exit');
  }

  /** @param program path of its file. @param wrapper a command that runs the rest of its command line. */
  static async start(
    host: Pick<HostNamespace, 'inside'>,
    program: string,
    wrapper: readonly string[] = [],
  ): Promise<LineProcess> {
    const [file, args] = host.inside(...wrapper, process.execPath, program);
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const started = new LineProcess(child);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('exit', (code, signal) => started.#end(`the process ended with ${code ?? signal}: ${errors}`));
    // Commands to a process that has ended are answered by its end.
    child.stdin.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`${program} did not start: ${errors}`)));
      createInterface({ input: child.stdout }).on('line', (text) => {
        const answer = JSON.parse(text) as Answer;
        if (answer.ready) resolve();
        if (answer.id !== undefined) started.#answered(answer.id, answer);
      });
    });
    return started;
  }

  #answered(id: number, answer: Answer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }

  #end(error: string): void {
    this.#ended = error;
    for (const id of this.#waiting.keys()) this.#answered(id, { error });
  }

  /** Result of a command; an Error where it threw or the process ended. */
  async call<T>(command: string, argument?: unknown): Promise<T> {
    if (this.#ended !== undefined) throw new Error(this.#ended);
    const id = this.#next++;
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.stdin?.write(`${JSON.stringify({ id, command, argument: argument ?? null })}\n`);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(error);
    return result as T;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it at once, and waits for that. */
  async killed(): Promise<void> {
    this.kill('SIGKILL');
    await this.#exited;
  }
}

/** A program's end: runs a command per line of its input and answers each. It ends with its input. */
export function serveLines(commands: Readonly<Record<string, (argument: never) => unknown>>): void {
  const say = (answer: Answer): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
  const serve = async (line: string): Promise<void> => {
    const { id, command, argument } = JSON.parse(line) as { id: number; command: string; argument: never };
    try {
      say({ id, result: await commands[command]?.(argument) });
    } catch (error) {
      say({ id, error: errorText(error) });
    }
  };
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => void serve(line));
  input.on('close', () => process.exit());
  say({ ready: true });
}
