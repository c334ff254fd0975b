import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Call, Reply, Usage } from './child.ts';
import { namespacePath } from './namespace.ts';

/** Above agents and controllers, which schedule in real time at 10: who measures does not wait for whom he measures. */
const REAL_TIME = ['chrt', '--rr', '20'] as const;

let prefix: readonly string[] | undefined;
/** Runs the rest of a command line in real time where that is allowed here; a probe that is late sees less. */
export function realTimePrefix(): readonly string[] {
  const [program, ...args] = REAL_TIME;
  prefix ??= spawnSync(program, [...args, 'true']).status === 0 ? REAL_TIME : [];
  return prefix;
}

export interface ProbeProcessOptions {
  /** File in this folder. */
  readonly program: string;
  /** Passed to the program. */
  readonly options: object;
  /** Named network namespace; default: ours. */
  readonly namespace?: string;
}

/** A process of a probe. It ends with this one, however that ends. */
export class ProbeProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #exited: Promise<unknown>;
  #errors = '';
  #next = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, 'exit');
    child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
  }

  /** Resolves once the program serves commands. */
  static async start({ program, options, namespace }: ProbeProcessOptions): Promise<ProbeProcess> {
    const command = [
      ...(namespace === undefined ? [] : ['nsenter', `--net=${namespacePath(namespace)}`]),
      ...realTimePrefix(),
      process.execPath,
      fileURLToPath(new URL(program, import.meta.url)),
      JSON.stringify(options),
    ];
    const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    const started = new ProbeProcess(child);
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => {
        const error = new Error(`${program} ended: ${started.#errors}`);
        reject(error);
        for (const { reject: refuse } of started.#waiting.values()) refuse(error);
        started.#waiting.clear();
      });
      child.on('message', (reply: Reply) => {
        if ('ready' in reply) resolve();
        else started.#received(reply);
      });
    });
    return started;
  }

  #received(reply: Exclude<Reply, { ready: true }>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.result);
  }

  /** Throws what the command threw, or why the process is gone. */
  async call<T>(command: string, argument?: unknown): Promise<T> {
    if (!this.#child.connected) throw new Error(`no process to ask for ${command}: ${this.#errors}`);
    const call: Call = { id: this.#next++, command, argument };
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(call.id, waiting);
    this.#child.send(call);
    return (await waiting.promise) as T;
  }

  usage(): Promise<Usage> {
    return this.call('usage');
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}
