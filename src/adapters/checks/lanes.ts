import { Slots } from './slots.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Does one thing at a time of each key, and only so many at once. File system calls that may hang go through them: what
 * hangs costs one of the threads that the process has for such calls, keeps only its own key waiting, and never takes
 * them all.
 */
export class Lanes {
  readonly #lanes = new Map<string, Slots>();
  readonly #places: Slots;

  /** @param limit tasks at once */
  constructor(limit: number) {
    this.#places = new Slots(limit, limit);
  }

  /** @returns undefined where `signal` was aborted before the task came to its end. @throws what the task throws */
  async run<T>(key: string, task: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const leaveLane = await this.#laneOf(key).take(false, signal);
    if (leaveLane === undefined) return undefined;
    const leavePlace = await this.#places.take(false, signal);
    if (leavePlace === undefined) {
      leaveLane();
      return undefined;
    }
    const done = task().finally(() => {
      leavePlace();
      leaveLane();
    });
    return untilAborted(done, signal);
  }

  #laneOf(key: string): Slots {
    const lane = this.#lanes.get(key) ?? new Slots(1, 1);
    this.#lanes.set(key, lane);
    return lane;
  }
}
