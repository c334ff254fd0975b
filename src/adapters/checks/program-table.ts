import type { ProgramReport } from './host-messages.ts';
import type { ProgramRecord } from './program-record.ts';
import {
  CallError,
  closeFile,
  openInputPipe,
  openOutputPipe,
  openProcess,
  readSome,
  reap,
  signal,
  wake,
} from './sys.ts';
import { spawnProgram } from './sys-spawn.ts';
import { errorText } from '../../core/error-text.ts';

const SIGKILL = 9;
/** Nobody reads more of a check than its last line. */
const TAIL_BYTES = 1_024;
const MAX_OUTPUT_BYTES = 1 << 20;
const READ_BYTES = 1 << 16;

interface Program {
  readonly id: number;
  readonly pid: number;
  /** Readable when the program ends; undefined where the kernel cannot tell. */
  readonly file: number | undefined;
  /** undefined once it is closed. */
  output: number | undefined;
  tail: Buffer;
  bytes: number;
}

/** The programs that run, and the process groups of those that ran. Nothing here blocks. */
export class ProgramTable {
  readonly #programs = new Map<number, Program>();
  /** Groups whose last processes were killed, but may not have been reaped. */
  readonly #groups = new Set<number>();
  readonly #buffer = Buffer.alloc(READ_BYTES);
  readonly #record: ProgramRecord | undefined;
  readonly #report: (id: number, report: ProgramReport) => void;

  /** @param record stays the caller's */
  constructor(record: ProgramRecord | undefined, report: (id: number, report: ProgramReport) => void) {
    this.#record = record;
    this.#report = report;
  }

  /** What to wait for. */
  get files(): readonly number[] {
    return [...this.#programs.values()].flatMap(({ file, output }) => [file, output].filter((fd) => fd !== undefined));
  }

  /** Whether `look` is needed again without an event. */
  get restless(): boolean {
    return this.#groups.size > 0 || [...this.#programs.values()].some(({ file }) => file === undefined);
  }

  spawn(id: number, argv: readonly string[], environment: readonly string[]): void {
    const open: number[] = [];
    try {
      const [input, start] = openInputPipe();
      open.push(input, start);
      const [output, written] = openOutputPipe();
      open.push(written);
      let pid: number;
      try {
        pid = spawnProgram(argv, environment, input, written);
      } catch (error) {
        open.push(output);
        throw error;
      }
      this.#programs.set(id, { id, pid, file: fileOf(pid), output, tail: Buffer.alloc(0), bytes: 0 });
      this.#record?.add(pid);
      wake(start);
    } catch (error) {
      this.#report(id, { kind: 'failed', reason: errorText(error) });
    }
    for (const file of open) closeFile(file);
  }

  signal(id: number, number: number): void {
    const program = this.#programs.get(id);
    if (program) signal(-program.pid, number);
  }

  has(pid: number): boolean {
    for (const program of this.#programs.values()) if (program.pid === pid) return true;
    return false;
  }

  get size(): number {
    return this.#programs.size;
  }

  killAll(): void {
    for (const { pid } of this.#programs.values()) signal(-pid, SIGKILL);
  }

  /** Reads and reaps. @param ready files that were readable */
  look(ready: ReadonlySet<number>): void {
    for (const program of this.#programs.values()) {
      const { file, output } = program;
      if (output !== undefined && ready.has(output)) this.#read(program, 1);
      if (file === undefined || ready.has(file)) this.#end(program);
    }
    for (const group of this.#groups) {
      for (let end = reap(-group); end !== 'running';) {
        if (end === 'none') {
          this.#groups.delete(group);
          break;
        }
        end = reap(-group);
      }
    }
  }

  #end(program: Program): void {
    const { id, pid, file } = program;
    // Before it is reaped: until then nobody else can have its number. What it left behind must not pile up.
    if (file !== undefined) signal(-pid, SIGKILL);
    const end = reap(pid);
    if (end === 'running') return;
    if (file === undefined) signal(-pid, SIGKILL);
    this.#programs.delete(id);
    this.#record?.remove(pid);
    this.#groups.add(pid);
    this.#read(program, MAX_OUTPUT_BYTES / READ_BYTES);
    this.#closeOutput(program);
    if (file !== undefined) closeFile(file);
    if (end === 'none') return this.#report(id, { kind: 'failed', reason: 'somebody else has reaped it' });
    const flooded = program.bytes > MAX_OUTPUT_BYTES;
    this.#report(id, { kind: 'ended', ...end, output: program.tail.toString(), flooded });
  }

  #read(program: Program, times: number): void {
    for (let time = 0; time < times && program.output !== undefined; time++) {
      const length = readSome(program.output, this.#buffer);
      if (length === undefined) return;
      if (length === 0) return this.#closeOutput(program);
      const part = this.#buffer.subarray(Math.max(0, length - TAIL_BYTES), length);
      program.tail = Buffer.from(Buffer.concat([program.tail, part]).subarray(-TAIL_BYTES));
      program.bytes += length;
      if (program.bytes > MAX_OUTPUT_BYTES) {
        signal(-program.pid, SIGKILL);
        this.#closeOutput(program);
      }
    }
  }

  #closeOutput(program: Program): void {
    if (program.output !== undefined) closeFile(program.output);
    program.output = undefined;
  }
}

function fileOf(pid: number): number | undefined {
  try {
    return openProcess(pid);
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}
