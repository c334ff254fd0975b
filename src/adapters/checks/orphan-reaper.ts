import { reap, unreaped } from './sys.ts';

/** Whoever started a process reaps it long before this many looks; what is left then is an orphan. */
const LOOKS = 10;

/**
 * Reaps what escaped from the process group of its program and ended later. It cannot be told from a child of another
 * part of this process but by time: nobody else comes for it.
 */
export class OrphanReaper {
  #suspect: number | undefined;
  #looks = 0;

  /** Whether there is something to look at again soon. */
  get restless(): boolean {
    return this.#suspect !== undefined;
  }

  /**
   * @param waited whether some time has passed since the last look
   * @param isProgram whether somebody here comes for that process; it hides the others only until then
   */
  look(waited: boolean, isProgram: (pid: number) => boolean): void {
    const found = unreaped();
    if (found !== undefined && isProgram(found)) return;
    if (found === undefined || found !== this.#suspect) {
      this.#suspect = found;
      this.#looks = 0;
      return;
    }
    if (waited) this.#looks++;
    if (this.#looks < LOOKS) return;
    reap(found);
    this.#suspect = undefined;
  }
}
