import { execFileSync } from 'node:child_process';
import type { ServerProcess } from '../../src/testing/servers/server-process.ts';
import { startWrongAnswer } from '../../src/testing/servers/wrong-answer.ts';
import type { Heal } from './faults.ts';

/** Where the server of wrong answers listens, relative to the port of the service. */
const WRONG_PORT_OFFSET = 10_000;

export interface ServiceSpec {
  readonly name: string;
  readonly port: number;
  /** Network namespace below /run/netns. */
  readonly namespace: string;
  /** Resolves when the service answers. */
  readonly start: () => Promise<ServerProcess>;
}

/** One real service on a host, and what can become of it. */
export class Service {
  readonly #spec: ServiceSpec;
  /** Of the start that is under way or done; undefined while it does not run. */
  #server: Promise<ServerProcess> | undefined;

  constructor(spec: ServiceSpec) {
    this.#spec = spec;
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  /** Resolves when it answers. Idempotent. */
  async start(): Promise<void> {
    this.#server ??= this.#spec.start();
    await this.#server;
  }

  async stop(): Promise<void> {
    await this.#end((server) => server.stop());
  }

  /** SIGKILL, like a crash. */
  async kill(): Promise<void> {
    await this.#end((server) => server.kill());
  }

  async #end(how: (server: ServerProcess) => Promise<void>): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    // One that did not start needs no end.
    await server?.then(how, () => undefined);
  }

  /** It hangs: the kernel takes connections, and nobody answers. */
  async pause(): Promise<Heal> {
    const server = await this.#server;
    await server?.pause();
    return () => server?.resume();
  }

  /** The process lives, and its port takes no connections. */
  refuse(): Heal {
    return this.#divert('type filter hook input priority 0', 'reject with tcp reset');
  }

  /**
   * Whoever connects to it is answered by something that speaks another protocol. That is started first, so that the
   * change itself takes no time: call the result to make it, and the result of that to undo it.
   */
  async prepareWrongAnswer(): Promise<() => () => Promise<void>> {
    const { port, namespace } = this.#spec;
    const wrong = await startWrongAnswer({ port: port + WRONG_PORT_OFFSET, netns: `/run/netns/${namespace}` });
    return () => {
      const heal = this.#divert('type nat hook output priority -100', `redirect to :${port + WRONG_PORT_OFFSET}`);
      return async () => {
        heal();
        await wrong.kill();
      };
    };
  }

  /** For new connections to the port of the service, from the host itself. */
  #divert(hook: string, verdict: string): Heal {
    const { name, port, namespace } = this.#spec;
    const nft = (rules: string): void => {
      execFileSync('nsenter', [`--net=/run/netns/${namespace}`, 'nft', '-f', '-'], { input: rules, stdio: 'pipe' });
    };
    const table = `ip fault-${name}`;
    nft(`table ${table} {\n chain c {\n ${hook}; policy accept;\n tcp dport ${port} ${verdict}\n }\n}\n`);
    return () => nft(`delete table ${table}\n`);
  }
}
