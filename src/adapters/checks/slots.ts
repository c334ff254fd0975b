interface Waiting {
  readonly slow: boolean;
  readonly start: () => void;
}

/** Limits how many things run at once. Those known to be slow never get all of the places. */
export class Slots {
  readonly #limit: number;
  readonly #slowLimit: number;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;
  #slowTaken = 0;

  constructor(limit: number, slowLimit: number) {
    this.#limit = limit;
    this.#slowLimit = slowLimit;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * Waits for a place, in order.
   *
   * @returns gives the place back; undefined where `signal` was aborted before there was one
   */
  async take(slow: boolean, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    if (!this.#free(slow)) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const entry = { slow, start: () => resolve(true) };
      const abort = (): void => resolve(false);
      this.#waiting.add(entry);
      signal.addEventListener('abort', abort, { once: true });
      const got = await promise;
      signal.removeEventListener('abort', abort);
      if (!got) {
        this.#waiting.delete(entry);
        return undefined;
      }
    } else this.#count(slow, 1);
    return () => this.#release(slow);
  }

  #free(slow: boolean): boolean {
    return this.#taken < this.#limit && (!slow || this.#slowTaken < this.#slowLimit);
  }

  #count(slow: boolean, by: 1 | -1): void {
    this.#taken += by;
    if (slow) this.#slowTaken += by;
  }

  #release(slow: boolean): void {
    this.#count(slow, -1);
    for (const entry of this.#waiting) {
      if (!this.#free(entry.slow)) continue;
      this.#waiting.delete(entry);
      this.#count(entry.slow, 1);
      entry.start();
    }
  }
}
