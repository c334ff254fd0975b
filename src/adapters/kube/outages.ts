/** Tells news of an outage from what was reported before, over all parts that fail for one cause. */
export class Outages {
  /** What each part complained about since it was healthy. */
  readonly #complaints = new Map<string, Set<string>>();

  /** True where this is news: nobody complains of the same already. */
  failed(part: string, complaint: string): boolean {
    const known = [...this.#complaints.values()].some((complaints) => complaints.has(complaint));
    const own = this.#complaints.get(part) ?? new Set();
    this.#complaints.set(part, own.add(complaint));
    return !known;
  }

  healthy(part: string): void {
    this.#complaints.delete(part);
  }
}
