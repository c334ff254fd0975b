import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { OpError } from '../../core/op-error.ts';
import type { Monotonic } from '../../core/time.ts';
import { decodeDeadline, deadlineOwner, encodeDeadline } from './deadline-record.ts';
import { attempt, codeOf } from './file-errors.ts';
import { decodeMemory, encodeMemory } from './memory-record.ts';

/**
 * A memory as two files of mode 0600: one is replaced whole by renaming, the other is one record of 64 bytes, a
 * deadline, that is overwritten in place. The record belongs to one content of the first file alone, so whatever a crash
 * leaves between two writes is either the state before or the state after.
 *
 * One process at a time may use the names. Failures are OpErrors that name the file.
 */
export class MemoryFiles {
  readonly #directory: string;
  readonly #format: string;
  readonly #memoryPath: string;
  readonly #deadlinePath: string;
  #save = 0;
  #owner: Uint8Array | undefined;
  #deadlineFile: number | undefined;

  /**
   * @param directory is created where it is missing, with mode 0700
   * @param format changes whenever older content must not be understood any more; such content counts as none
   */
  constructor(directory: string, names: { readonly memory: string; readonly deadline: string }, format: string) {
    this.#directory = directory;
    this.#format = format;
    this.#memoryPath = join(directory, names.memory);
    this.#deadlinePath = join(directory, names.deadline);
  }

  /** Undefined where there is nothing that can be trusted. */
  load(): { readonly memory: unknown; readonly deadline: Monotonic | undefined } | undefined {
    const content = readIfThere(this.#memoryPath);
    const record = content && decodeMemory(content, this.#format);
    if (!content || !record) return undefined;
    this.#save = record.save;
    this.#owner = deadlineOwner(content);
    const deadline = readIfThere(this.#deadlinePath);
    return { memory: record.memory, deadline: deadline && decodeDeadline(deadline, this.#owner) };
  }

  /** @param memory as JSON can keep it */
  save(memory: unknown): void {
    const content = encodeMemory({ save: this.#save + 1, memory }, this.#format);
    const temporary = `${this.#memoryPath}.new`;
    attempt('create the directory', this.#directory, () =>
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 }),
    );
    attempt('write', temporary, () => writeFileSync(temporary, content, { mode: 0o600 }));
    attempt('replace', this.#memoryPath, () => renameSync(temporary, this.#memoryPath));
    this.#save++;
    this.#owner = deadlineOwner(content);
  }

  saveDeadline(at: Monotonic): void {
    if (!this.#owner) throw new OpError('InvalidInput', 'a deadline can only be saved after the memory it belongs to');
    const record = encodeDeadline(this.#owner, at);
    this.#deadlineFile ??= attempt('open', this.#deadlinePath, () => openForUpdate(this.#deadlinePath));
    const file = this.#deadlineFile;
    const written = attempt('write', this.#deadlinePath, () => writeSync(file, record, 0, record.length, 0));
    if (written !== record.length)
      throw new OpError('Unavailable', `cannot write ${this.#deadlinePath}: the disk is full`);
  }

  /** Closes the file that saveDeadline keeps open. */
  close(): void {
    if (this.#deadlineFile !== undefined) closeSync(this.#deadlineFile);
    this.#deadlineFile = undefined;
  }
}

/** Opens without truncating: until the new record is written, the old one stays good. */
function openForUpdate(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return openSync(path, 'w', 0o600);
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  return attempt('read', path, () => {
    try {
      return readFileSync(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}
