import { join } from 'node:path';
import type { SourceProblem } from '../../ports/source.ts';
import { directoryId, namesIn, readContent, removeFile, replaceFile, type DirectoryId } from './files.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { formatRecord, parseRecord, recordFile, recordOf, type NodeHealthRecord, type PoolRecord } from './records.ts';
import type { StatusRecord, TaskRecord } from './records.ts';

interface Entry {
  readonly text: string;
  readonly record: StatusRecord;
}

/** The records beside the manifests: one file each, replaced as a whole. Several controllers may share them. */
export class StatusStore {
  readonly path: string;
  readonly #unique: () => string;
  readonly #queue = new KeyedQueue();
  readonly #entries = new Map<string, Entry>();
  readonly #unreadable = new Map<string, string>();

  /** `unique` makes names for files that are being written. */
  constructor(path: string, unique: () => string) {
    this.path = path;
    this.#unique = unique;
  }

  pools(): ReadonlyMap<string, PoolRecord> {
    const records = this.#records().filter((record) => record.kind === 'VipPool');
    return new Map(records.map((record) => [record.name, record]));
  }

  tasks(): ReadonlyMap<string, TaskRecord> {
    const records = this.#records().filter((record) => record.kind === 'VipTask');
    return new Map(records.map((record) => [record.name, record]));
  }

  nodes(): readonly NodeHealthRecord[] {
    return this.#records().filter((record) => record.kind === 'NodeHealth');
  }

  #records(): StatusRecord[] {
    return [...this.#entries.values()].map(({ record }) => record);
  }

  problems(): SourceProblem[] {
    return [...this.#unreadable].map(([file, message]) => ({ where: join(this.path, file), message }));
  }

  /** Undefined where nothing was ever written. */
  id(): Promise<DirectoryId | undefined> {
    return directoryId(this.path);
  }

  /** Reads everything again; true where something changed. */
  async refreshAll(): Promise<boolean> {
    const present = (await this.id()) === undefined ? [] : await namesIn(this.path);
    const names = new Set([...present, ...this.#entries.keys(), ...this.#unreadable.keys()]);
    const changed = await Promise.all([...names].map((file) => this.refresh(file)));
    return changed.includes(true);
  }

  /** Reads one file again; true where it changed. */
  refresh(file: string): Promise<boolean> {
    const subject = recordOf(file);
    if (subject === undefined) return Promise.resolve(false);
    return this.#queue.run(file, async () => {
      const content = await readContent(join(this.path, file));
      if (content === undefined) {
        const known = this.#entries.delete(file);
        return this.#unreadable.delete(file) || known;
      }
      if (content.kind === 'text' && content.text === this.#entries.get(file)?.text) {
        return this.#unreadable.delete(file);
      }
      const record = content.kind === 'text' ? parseRecord(subject.kind, subject.name, content.text) : undefined;
      if (content.kind === 'text' && record !== undefined) {
        this.#entries.set(file, { text: content.text, record });
        this.#unreadable.delete(file);
        return true;
      }
      const reason = content.kind === 'text' ? 'not a status file of ours' : content.reason;
      const message = `cannot be read (${reason}): what it said before counts; remove it if it stays so`;
      const known = this.#unreadable.get(file) === message;
      this.#unreadable.set(file, message);
      return !known;
    });
  }

  /** Writes what `make` returns, asked when it is this file's turn; undefined: nothing. */
  write<K extends StatusRecord['kind']>(
    kind: K,
    name: string,
    make: (old: Extract<StatusRecord, { kind: K }> | undefined) => StatusRecord | undefined,
  ): Promise<void> {
    const file = recordFile(kind, name);
    return this.#queue.run(file, async () => {
      const old = this.#entries.get(file);
      // The file's name says the kind of what is in it.
      const record = make(old?.record as Extract<StatusRecord, { kind: K }> | undefined);
      if (record === undefined) return;
      const text = formatRecord(record);
      if (text === old?.text) return;
      await replaceFile(join(this.path, file), text, `${file}.${this.#unique()}`);
      this.#entries.set(file, { text, record });
      this.#unreadable.delete(file);
    });
  }

  /** Forgets a pool or a task, if `still` agrees when it is this file's turn. */
  remove(kind: 'VipPool' | 'VipTask', name: string, still: () => boolean): Promise<void> {
    const file = recordFile(kind, name);
    return this.#queue.run(file, async () => {
      if (!still()) return;
      await removeFile(join(this.path, file));
      this.#entries.delete(file);
      this.#unreadable.delete(file);
    });
  }

  /** Waits until no file is being read or written. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }
}
