import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { OpError } from '../../core/op-error.ts';
import type { Monotonic } from '../../core/time.ts';
import type { AgentMemory, AgentMemoryStore } from '../../ports/agent-memory.ts';
import { attempt, codeOf } from './file-errors.ts';
import { decodeLease, encodeLease, leaseOwner } from './lease-record.ts';
import { decodeMemory, encodeMemory } from './memory-record.ts';

/**
 * The agent's memory as two files of mode 0600: `agent-memory` is replaced whole by renaming, `agent-lease` is one
 * record of 64 bytes that is overwritten in place. The record belongs to one content of the other file alone, so
 * whatever a crash leaves between two writes is either the state before or the state after.
 *
 * One process at a time may use a directory. Failures are OpErrors that name the file.
 */
export class FileAgentMemory implements AgentMemoryStore {
  readonly #directory: string;
  readonly #bootId: string;
  readonly #memoryPath: string;
  readonly #leasePath: string;
  #save = 0;
  #owner: Uint8Array | undefined;
  #leaseFile: number | undefined;

  /**
   * @param directory is created where it is missing, with mode 0700.
   * @param bootId of the running boot: memory of another one counts as none.
   */
  constructor(directory: string, bootId: string) {
    this.#directory = directory;
    this.#bootId = bootId;
    this.#memoryPath = join(directory, 'agent-memory');
    this.#leasePath = join(directory, 'agent-lease');
  }

  load(): AgentMemory | undefined {
    const content = readIfThere(this.#memoryPath);
    const record = content && decodeMemory(content);
    if (!content || record?.memory.bootId !== this.#bootId) return undefined;
    this.#save = record.save;
    this.#owner = leaseOwner(content);
    const lease = readIfThere(this.#leasePath);
    const leaseValidUntil = lease && decodeLease(lease, this.#owner);
    return leaseValidUntil === undefined ? record.memory : { ...record.memory, leaseValidUntil };
  }

  save(memory: AgentMemory): void {
    const content = encodeMemory({ save: this.#save + 1, memory });
    const temporary = `${this.#memoryPath}.new`;
    attempt('create the directory', this.#directory, () =>
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 }),
    );
    attempt('write', temporary, () => writeFileSync(temporary, content, { mode: 0o600 }));
    attempt('replace', this.#memoryPath, () => renameSync(temporary, this.#memoryPath));
    this.#save++;
    this.#owner = leaseOwner(content);
  }

  saveLease(validUntil: Monotonic): void {
    if (!this.#owner) throw new OpError('InvalidInput', 'a lease can only be saved after the memory it belongs to');
    const record = encodeLease(this.#owner, validUntil);
    this.#leaseFile ??= attempt('open', this.#leasePath, () => openForUpdate(this.#leasePath));
    const file = this.#leaseFile;
    const written = attempt('write', this.#leasePath, () => writeSync(file, record, 0, record.length, 0));
    if (written !== record.length)
      throw new OpError('Unavailable', `cannot write ${this.#leasePath}: the disk is full`);
  }

  /** Closes the file that saveLease keeps open. */
  close(): void {
    if (this.#leaseFile !== undefined) closeSync(this.#leaseFile);
    this.#leaseFile = undefined;
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
