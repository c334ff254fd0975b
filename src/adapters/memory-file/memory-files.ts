import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { OpError } from '../../core/op-error.ts';
import type { Monotonic } from '../../core/time.ts';
import { type ContentRecord, decodeContent, encodeContent } from './content-record.ts';
import { decodeDeadline, encodeDeadline, ownerOf } from './deadline-record.ts';
import { attempt, codeOf } from './file-errors.ts';

export interface MemoryFilesOptions {
  /** Is created where it is missing, with mode 0700. */
  readonly directory: string;
  /** Name of the file of the content, replaced whole. */
  readonly content: string;
  /** Name of the file of the deadline, overwritten in place. */
  readonly deadline: string;
  /** Name and version of the content's format. */
  readonly format: string;
}

/**
 * Memory of one process as two files of mode 0600: the content is replaced whole by renaming, its deadline is one
 * record of 64 bytes that is overwritten in place. The record belongs to one content of the other file alone, so
 * whatever a crash leaves between two writes is either the state before or the state after.
 *
 * One process at a time may use the files. Failures are OpErrors that name the file.
 */
export class MemoryFiles {
  readonly #options: MemoryFilesOptions;
  readonly #contentPath: string;
  readonly #deadlinePath: string;
  #save = 0;
  #owner: Uint8Array | undefined;
  #deadlineFile: number | undefined;

  constructor(options: MemoryFilesOptions) {
    this.#options = options;
    this.#contentPath = join(options.directory, options.content);
    this.#deadlinePath = join(options.directory, options.deadline);
  }

  /**
   * The newest content, and the deadline where it was saved after it.
   *
   * @param accept whether the content counts; where it does not, there is none.
   */
  load(accept: (value: unknown) => boolean): { value: unknown; deadline: Monotonic | undefined } | undefined {
    const content = readIfThere(this.#contentPath);
    const record: ContentRecord | undefined = content && decodeContent(this.#options.format, content);
    if (!content || !record || !accept(record.value)) return undefined;
    this.#save = record.save;
    this.#owner = ownerOf(content);
    const deadline = readIfThere(this.#deadlinePath);
    return { value: record.value, deadline: deadline && decodeDeadline(deadline, this.#owner) };
  }

  save(value: unknown): void {
    const { directory, format } = this.#options;
    const content = encodeContent(format, { save: this.#save + 1, value });
    const temporary = `${this.#contentPath}.new`;
    attempt('create the directory', directory, () => mkdirSync(directory, { recursive: true, mode: 0o700 }));
    attempt('write', temporary, () => writeFileSync(temporary, content, { mode: 0o600 }));
    attempt('replace', this.#contentPath, () => renameSync(temporary, this.#contentPath));
    this.#save++;
    this.#owner = ownerOf(content);
  }

  /** One small write: cheap enough for every heartbeat. */
  saveDeadline(until: Monotonic): void {
    if (!this.#owner) throw new OpError('InvalidInput', 'a deadline can only be saved after the memory it belongs to');
    const record = encodeDeadline(this.#owner, until);
    const path = this.#deadlinePath;
    this.#deadlineFile ??= attempt('open', path, () => openForUpdate(path));
    const file = this.#deadlineFile;
    const written = attempt('write', path, () => writeSync(file, record, 0, record.length, 0));
    if (written !== record.length) throw new OpError('Unavailable', `cannot write ${path}: the disk is full`);
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
