import type { ProcessWatcher } from './host-thread.ts';
import { CallError, closeFile, hasEnded, openProcess } from './sys.ts';

/** Nobody has the number, or a thread has it: EINVAL, and ENOENT from younger kernels. */
const NO_PROCESS = ['ESRCH', 'EINVAL', 'ENOENT'];

interface Tracked {
  /** From pidfd_open: means this very process, even when its number is given to another. */
  readonly file: number;
  readonly unwatch: () => void;
}

/** Processes that were seen alive, and whose end is noticed when it comes. */
export class ProcessTrack {
  readonly #watcher: ProcessWatcher;
  readonly #changed: () => void;
  readonly #tracked = new Map<number, Tracked>();
  #sawEnd = false;

  /** @param changed called when one of them has ended */
  constructor(watcher: ProcessWatcher, changed: () => void) {
    this.#watcher = watcher;
    this.#changed = changed;
  }

  /** Ids of those that live now. */
  living(): readonly number[] {
    for (const [pid, { file }] of this.#tracked) {
      if (!hasEnded(file)) continue;
      this.#sawEnd = true;
      this.drop(pid);
    }
    return [...this.#tracked.keys()];
  }

  /** Whether one has ended since this was asked last. */
  takeEnd(): boolean {
    const saw = this.#sawEnd;
    this.#sawEnd = false;
    return saw;
  }

  /**
   * Follows a process.
   *
   * @param isIt asked once the number cannot be given to another process any more
   * @returns whether it is there and lives
   */
  add(pid: number, isIt: (pid: number) => boolean): boolean {
    let file: number;
    try {
      file = openProcess(pid);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      // A kernel that cannot tell of ends (before Linux 5.3): it is looked at again at the interval of the check.
      return !NO_PROCESS.includes(error.code) && isIt(pid);
    }
    if (!isIt(pid) || hasEnded(file)) {
      closeFile(file);
      return false;
    }
    try {
      this.#tracked.set(pid, { file, unwatch: this.#watcher.watch(file, this.#changed) });
    } catch {
      // Out of files or threads: looked at again at the interval as well.
      closeFile(file);
    }
    return true;
  }

  drop(pid: number): void {
    const tracked = this.#tracked.get(pid);
    if (!tracked) return;
    this.#tracked.delete(pid);
    tracked.unwatch();
    closeFile(tracked.file);
  }

  close(): void {
    for (const pid of this.#tracked.keys()) this.drop(pid);
  }
}
