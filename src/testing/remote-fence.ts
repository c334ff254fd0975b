import { fileURLToPath } from 'node:url';
import type { KernelFenceOptions } from '../adapters/linux/fence/kernel-fence.ts';
import type { FenceClass, FenceReport } from '../ports/fence.ts';
import type { FenceDriver } from './contract/fence.contract.ts';
import type { FenceExtension, FenceHindrance, FenceStart } from './fence-process.ts';
import type { HostNamespace } from './host-namespace.ts';
import { LineProcess } from './line-process.ts';

const PROGRAM = fileURLToPath(new URL('fence-process.ts', import.meta.url));

/** A KernelFence in another process, inside a namespace. */
export class RemoteFence implements FenceDriver {
  readonly #host: HostNamespace;
  readonly #options: KernelFenceOptions;
  process: LineProcess;

  private constructor(host: HostNamespace, options: KernelFenceOptions, process: LineProcess) {
    this.#host = host;
    this.#options = options;
    this.process = process;
  }

  /** The process only: its fence has to be started. @param wrapper a command that runs the rest of its command line. */
  static async create(
    host: HostNamespace,
    options: KernelFenceOptions,
    wrapper: readonly string[] = [],
  ): Promise<RemoteFence> {
    return new RemoteFence(host, options, await LineProcess.start(host, PROGRAM, wrapper));
  }

  start(hindrance: FenceHindrance = {}): Promise<FenceReport> {
    return this.process.call('start', { options: this.#options, hindrance } satisfies FenceStart);
  }

  async restart(): Promise<FenceReport> {
    await this.process.killed();
    this.process = await LineProcess.start(this.#host, PROGRAM);
    return this.start();
  }

  async manage(vips: Readonly<Record<string, FenceClass>>): Promise<void> {
    await this.process.call('manage', vips);
  }

  extend(mode: 'refresh' | 'acquire', fenceClass: FenceClass, forMs: number): Promise<void> {
    return this.process.call('extend', { mode, fenceClass, forMs } satisfies FenceExtension);
  }

  extendLate(mode: 'refresh' | 'acquire', fenceClass: FenceClass, forMs: number, stallMs: number): Promise<void> {
    return this.process.call('extend', { mode, fenceClass, forMs, stallMs } satisfies FenceExtension);
  }

  close(fenceClass?: FenceClass): Promise<void> {
    return this.process.call('close', fenceClass);
  }

  isOpen(fenceClass: FenceClass): Promise<boolean> {
    return this.process.call('isOpen', fenceClass);
  }

  remove(): Promise<void> {
    return this.process.call('remove');
  }

  elapse(ms: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, ms + 1);
    });
  }

  /** Leaves nothing behind. */
  async end(): Promise<void> {
    await this.process.call('remove');
    await this.process.killed();
  }
}
