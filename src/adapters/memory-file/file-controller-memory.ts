import { OpError } from '../../core/op-error.ts';
import type { Monotonic } from '../../core/time.ts';
import type { ControllerMemory, ControllerMemoryStore } from '../../ports/controller-memory.ts';
import { MemoryFiles } from './memory-files.ts';

/** What JSON keeps of the memory. */
type Saved = Pick<ControllerMemory, 'bootId' | 'leases'> &
  Partial<Pick<ControllerMemory, 'highestTerm' | 'promise' | 'electorate'>>;

/** The controller's memory in the files `controller-memory` and `controller-promise`. */
export class FileControllerMemory implements ControllerMemoryStore {
  readonly #files: MemoryFiles;
  readonly #bootId: string;
  #promised = false;

  /**
   * @param directory is created where it is missing, with mode 0700.
   * @param bootId of the running boot: memory of another one counts as none.
   */
  constructor(directory: string, bootId: string) {
    this.#bootId = bootId;
    this.#files = new MemoryFiles({
      directory,
      content: 'controller-memory',
      deadline: 'controller-promise',
      format: 'vippool-controller-memory/1',
    });
  }

  load(): ControllerMemory | undefined {
    const loaded = this.#files.load((value) => (value as Saved).bootId === this.#bootId);
    if (!loaded) return undefined;
    const { bootId, highestTerm, promise, leases, electorate } = loaded.value as Saved;
    this.#promised = promise !== undefined;
    return {
      bootId,
      highestTerm,
      promise: promise && { ...promise, until: loaded.deadline ?? promise.until },
      leases,
      ...(electorate && { electorate }),
    };
  }

  save(memory: ControllerMemory): void {
    this.#files.save(memory);
    this.#promised = memory.promise !== undefined;
  }

  savePromise(until: Monotonic): void {
    if (!this.#promised) throw new OpError('InvalidInput', 'the end of a promise can only be saved after the promise');
    this.#files.saveDeadline(until);
  }

  /** Closes the file that savePromise keeps open. */
  close(): void {
    this.#files.close();
  }
}
