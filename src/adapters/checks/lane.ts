import { Slots } from './slots.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Does one thing at a time. File system calls that may hang go through one, so that of the few threads the process has
 * for such calls no more than one is ever lost.
 */
export class Lane {
  readonly #slots = new Slots(1, 1);

  get busy(): boolean {
    return this.#slots.taken > 0;
  }

  /** @returns undefined where `signal` was aborted before the task came to its end. @throws what the task throws */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const release = await this.#slots.take(false, signal);
    if (release === undefined) return undefined;
    return untilAborted(task().finally(release), signal);
  }
}
