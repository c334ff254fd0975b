import { run } from './run.ts';
import { tool } from './tools.ts';

export interface CallOptions {
  /** Standard input. */
  readonly input?: string;
  /** SIGKILL after so long. Default two minutes. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 120_000;

/** kubectl and helm as an administrator, from a machine on the management network. */
export class Client {
  readonly kubeconfig: string;
  readonly #home: string;

  /** @param home folder for caches, which are not to be found on the machine afterwards. */
  constructor(kubeconfig: string, home: string) {
    this.kubeconfig = kubeconfig;
    this.#home = home;
  }

  /** @returns what it printed. @throws Error with what it said. */
  kubectl(args: readonly string[], options: CallOptions = {}): Promise<string> {
    return this.#run('kubectl', args, options);
  }

  /** @returns what it printed. @throws Error with what it said. */
  helm(args: readonly string[], options: CallOptions = {}): Promise<string> {
    return this.#run('helm', args, options);
  }

  async apply(manifest: string): Promise<void> {
    await this.kubectl(['apply', '-f', '-'], { input: manifest });
  }

  /** `kubectl get -o json`. */
  async get(...args: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.kubectl(['get', '-o', 'json', ...args]));
  }

  #run(name: 'kubectl' | 'helm', args: readonly string[], options: CallOptions): Promise<string> {
    return run(tool(name), args, {
      env: { ...process.env, HOME: this.#home, KUBECONFIG: this.kubeconfig },
      timeout: options.timeoutMs ?? TIMEOUT_MS,
      input: options.input ?? '',
    });
  }
}
