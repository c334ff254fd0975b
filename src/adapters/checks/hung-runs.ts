/** A run that hangs for less may still end by itself. */
const ABANDON_AFTER_MS = 10_000;
/** So many runs may hang forgotten; each may hold a socket, a file or a thread. */
const MAX_ABANDONED = 8;

/** Counts runs whose probe never came back, so that a check may go on without them but not pile them up. */
export class HungRuns {
  readonly #abandoned = new Set<object>();

  /** Runs that hang and that nobody waits for any more. */
  get count(): number {
    return this.#abandoned.size;
  }

  /** @returns whether the run may be forgotten. @param hungMs since it started */
  abandon(run: object, hungMs: number): boolean {
    if (hungMs < ABANDON_AFTER_MS || this.#abandoned.size >= MAX_ABANDONED) return false;
    this.#abandoned.add(run);
    return true;
  }

  settled(run: object): void {
    this.#abandoned.delete(run);
  }
}
