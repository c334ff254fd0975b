import type { ControllerId } from '../../core/ids.ts';
import { type Monotonic, NEVER } from '../../core/time.ts';
import type { ControllerMemory, ControllerMemoryStore } from '../../ports/controller-memory.ts';
import { MemoryFiles } from './memory-files.ts';

/** A controller's memory: `controller-ID`, and the end of its promise in `controller-ID-promise`. */
export class FileControllerMemory implements ControllerMemoryStore {
  readonly #files: MemoryFiles;
  readonly #bootId: string;

  /**
   * @param directory is created where it is missing, with mode 0700.
   * @param bootId of the running boot: memory of another one counts as none.
   */
  constructor(directory: string, id: ControllerId, bootId: string) {
    const name = `controller-${encodeURIComponent(id)}`;
    this.#files = new MemoryFiles(
      directory,
      { memory: name, deadline: `${name}-promise` },
      'vippool-controller-memory/1',
    );
    this.#bootId = bootId;
  }

  load(): ControllerMemory | undefined {
    const loaded = this.#files.load();
    const memory = loaded?.memory as Encoded | undefined;
    if (!memory || memory.bootId !== this.#bootId) return undefined;
    const { highestTerm, promise } = memory;
    const until = loaded?.deadline ?? promise?.until ?? NEVER;
    return { ...memory, highestTerm, promise: promise && { ...promise, until } };
  }

  save(memory: ControllerMemory): void {
    this.#files.save(memory);
  }

  savePromise(until: Monotonic): void {
    this.#files.saveDeadline(until);
  }

  /** Closes the file that savePromise keeps open. */
  close(): void {
    this.#files.close();
  }
}

/** What JSON keeps: properties that are undefined are missing, and infinity is null. */
type Encoded = Pick<ControllerMemory, 'bootId' | 'leases'> &
  Partial<Pick<ControllerMemory, 'highestTerm'>> & {
    readonly promise?: {
      readonly term: NonNullable<ControllerMemory['promise']>['term'];
      readonly until: Monotonic | null;
    };
  };
