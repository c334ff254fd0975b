import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import type { Clock } from '../../ports/clock.ts';

/** Processes read in one go; the main thread has other work in between. */
const CHUNK = 100;
/** More than the kernel keeps of a name. */
const NAME_BYTES = 64;

/** Processes by name, read from /proc: once for all who ask at about the same time. */
export class ProcessTable {
  readonly #clock: Clock;
  readonly #buffer = Buffer.alloc(NAME_BYTES);
  #latest: { readonly at: number; readonly found: Promise<ReadonlyMap<string, readonly number[]>> } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Process ids that had this name within the last `maxAgeMs`. */
  async find(name: string, maxAgeMs: number): Promise<readonly number[]> {
    const now = this.#clock.now();
    if (this.#latest === undefined || now - this.#latest.at > maxAgeMs) this.#latest = { at: now, found: this.#read() };
    return (await this.#latest.found).get(name) ?? [];
  }

  /** Name of a process now; undefined where there is none of this number. */
  nameOf(pid: number): string | undefined {
    try {
      const file = openSync(`/proc/${pid}/comm`, 'r');
      try {
        return this.#buffer.toString('utf8', 0, readSync(file, this.#buffer)).replace(/\n$/, '');
      } finally {
        closeSync(file);
      }
    } catch {
      return undefined;
    }
  }

  async #read(): Promise<ReadonlyMap<string, readonly number[]>> {
    const found = new Map<string, number[]>();
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
    for (const [index, pid] of pids.entries()) {
      if (index % CHUNK === CHUNK - 1) await new Promise<void>((resolve) => this.#clock.after(0, resolve));
      const name = this.nameOf(pid);
      if (name === undefined) continue;
      const same = found.get(name);
      if (same) same.push(pid);
      else found.set(name, [pid]);
    }
    return found;
  }
}
