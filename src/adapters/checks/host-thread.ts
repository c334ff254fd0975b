import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HostCommand, HostEvent, HostWorkerData, ProgramReport } from './host-messages.ts';
import type { ProgramRecordPlace } from './program-record.ts';
import { closeFile, duplicate, openPipe, wake } from './sys.ts';
import { errorText } from '../../core/error-text.ts';

/** A program that was started. */
export interface RunningProgram {
  /** Never rejects. */
  readonly ended: Promise<ProgramReport>;
  /** Signals it and everything in its process group. */
  signal(number: number): void;
}

/** Starts programs. */
export interface ProgramHost {
  /**
   * The input of the program is one empty line, which comes once it is written down that it runs. Where the agent is
   * killed before, it is without that line: who waits for it is never started behind the back of the next agent.
   *
   * @param argv the program's absolute path first. @param environment "NAME=value"
   */
  spawn(argv: readonly string[], environment: readonly string[]): RunningProgram;
}

/** Tells when a process ends. */
export interface ProcessWatcher {
  /**
   * Calls `onEnd` once.
   *
   * @param file from pidfd_open; stays the caller's
   * @returns ends the watch
   * @throws where the process has no files or threads left
   */
  watch(file: number, onEnd: () => void): () => void;
}

/** A process that ends waits so long until its programs are killed. */
const LAST_WAIT_MS = 100;
/** Far more than the thread needs; without a limit it would collect its garbage late. */
const MEMORY = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 };

interface Thread {
  readonly worker: Worker;
  /** Write end of the pipe that wakes it. */
  readonly wakeFile: number;
  readonly ended: Promise<void>;
}

/** The agent's side of the thread that looks after processes. The thread is started when it is first needed. */
export class HostThread implements ProgramHost, ProcessWatcher {
  readonly #programs = new Map<number, (report: ProgramReport) => void>();
  readonly #watches = new Map<number, () => void>();
  #thread: Thread | undefined;
  readonly #record: ProgramRecordPlace | undefined;
  #lastId = 0;

  /** @param record where programs that run are written down, so that another process can end them; default nowhere */
  constructor(record?: ProgramRecordPlace) {
    this.#record = record;
  }

  spawn(argv: readonly string[], environment: readonly string[]): RunningProgram {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<ProgramReport>();
    this.#programs.set(id, resolve);
    try {
      this.#tell({ kind: 'spawn', id, argv, environment });
    } catch (error) {
      this.#programs.delete(id);
      resolve({ kind: 'failed', reason: errorText(error) });
    }
    return {
      ended: promise,
      signal: (number) => {
        if (this.#programs.has(id)) this.#tell({ kind: 'signal', id, signal: number });
      },
    };
  }

  watch(file: number, onEnd: () => void): () => void {
    const id = ++this.#lastId;
    this.#watches.set(id, onEnd);
    this.#tell({ kind: 'watch', id, file: duplicate(file) });
    return () => {
      if (this.#watches.delete(id)) this.#tell({ kind: 'unwatch', id });
    };
  }

  /** Kills every program and ends the thread. */
  async stop(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    // Whoever waits for it may have nothing else to do.
    thread.worker.ref();
    this.#tell({ kind: 'stop', reap: true });
    await thread.ended;
  }

  #tell(command: HostCommand): void {
    this.#thread ??= this.#start();
    this.#thread.worker.postMessage(command, []);
    wake(this.#thread.wakeFile);
  }

  #start(): Thread {
    const [readEnd, wakeFile] = openPipe();
    const killed = new Int32Array(new SharedArrayBuffer(4));
    const data: HostWorkerData = { wakeFile: readEnd, killed, record: this.#record };
    let worker: Worker;
    try {
      const url = new URL(`./host-worker${extname(import.meta.url)}`, import.meta.url);
      worker = new Worker(url, { workerData: data, execArgv: [], resourceLimits: MEMORY });
    } catch (error) {
      for (const end of [readEnd, wakeFile]) closeFile(end);
      throw error;
    }

    worker.on('message', (event: HostEvent) => this.#hear(event));
    let reason = 'the thread that starts programs was stopped';
    worker.on('error', (error) => (reason = `the thread that starts programs has failed: ${String(error)}`));
    // A process that ends waits for its threads, and this one would sleep for ever.
    const onExit = (): void => {
      this.#tell({ kind: 'stop', reap: false });
      Atomics.wait(killed, 0, 0, LAST_WAIT_MS);
    };
    process.once('exit', onExit);
    worker.unref();
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        process.removeListener('exit', onExit);
        closeFile(readEnd);
        closeFile(wakeFile);
        if (this.#thread?.worker === worker) this.#thread = undefined;
        this.#forget(reason);
        resolve();
      });
    });
    return { worker, wakeFile, ended };
  }

  #hear(event: HostEvent): void {
    switch (event.kind) {
      case 'program':
        this.#programs.get(event.id)?.(event.report);
        this.#programs.delete(event.id);
        return;
      case 'gone': {
        const onEnd = this.#watches.get(event.id);
        this.#watches.delete(event.id);
        onEnd?.();
      }
    }
  }

  #forget(reason: string): void {
    for (const resolve of this.#programs.values()) resolve({ kind: 'failed', reason });
    this.#programs.clear();
    this.#watches.clear();
  }
}
