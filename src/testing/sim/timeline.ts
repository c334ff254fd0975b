/** Virtual time: what is planned happens in order, at once, and nothing else lets time pass. */
export class Timeline {
  now = 0;
  #order = 0;
  readonly #heap: { at: number; order: number; run: () => void }[] = [];

  /** Runs `run` at `at` (or now, if that is past); the result cancels it. */
  plan(at: number, run: () => void): () => void {
    const item = { at: Math.max(at, this.now), order: this.#order++, run };
    this.#heap.push(item);
    this.#up(this.#heap.length - 1);
    return () => {
      item.run = () => undefined;
    };
  }

  /** Lets everything up to `until` happen; `after` runs after each item. */
  runTo(until: number, after: () => void): void {
    for (let next = this.#heap[0]; next && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      this.now = next.at;
      next.run();
      after();
    }
    this.now = until;
  }

  #before(a: number, b: number): boolean {
    const left = this.#heap[a];
    const right = this.#heap[b];
    return !!left && !!right && (left.at < right.at || (left.at === right.at && left.order < right.order));
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left && right) [this.#heap[a], this.#heap[b]] = [right, left];
  }

  #up(index: number): void {
    for (let i = index; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let i = 0; ;) {
      let smallest = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (this.#before(child, smallest)) smallest = child;
      if (smallest === i) return;
      this.#swap(i, smallest);
      i = smallest;
    }
  }
}
