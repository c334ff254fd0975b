import { fileURLToPath } from 'node:url';
import type { CheckProbe, ProbeOutcome } from '../core/checks.ts';
import type { HostNamespace } from './host-namespace.ts';
import { LineProcess } from './line-process.ts';

export interface ProbeDemand {
  readonly check: CheckProbe;
  readonly timeoutMs: number;
}

export interface TimedOutcome extends ProbeOutcome {
  readonly ms: number;
}

const PROGRAM = fileURLToPath(new URL('probe-process.ts', import.meta.url));

/** The probes that speak a protocol, in a process inside a namespace. */
export class RemoteProbes {
  readonly #process: LineProcess;

  private constructor(process: LineProcess) {
    this.#process = process;
  }

  static async start(host: HostNamespace): Promise<RemoteProbes> {
    return new RemoteProbes(await LineProcess.start(host, PROGRAM));
  }

  run(check: CheckProbe, timeoutMs = 2_000): Promise<TimedOutcome> {
    return this.#process.call('run', { check, timeoutMs } satisfies ProbeDemand);
  }

  /** Open file descriptors of the process. */
  openFiles(): Promise<number> {
    return this.#process.call('openFiles');
  }

  close(): Promise<void> {
    return this.#process.killed();
  }
}
