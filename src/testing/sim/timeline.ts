interface Planned {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const before = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Virtual time in ms: what is planned happens in order, at once, and nothing else lets time pass. */
export class Timeline {
  now = 0;
  /** How many planned things happened. */
  events = 0;
  #order = 0;
  readonly #heap: Planned[] = [];

  /** Runs `run` at `at`, or now if that is past. Nothing is ever cancelled: whoever plans checks whether it still holds. */
  plan(at: number, run: () => void): void {
    const item: Planned = { at: at > this.now ? at : this.now, order: this.#order++, run };
    const heap = this.#heap;
    let index = heap.length;
    heap.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Planned;
      if (!before(item, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = item;
  }

  /** Lets everything up to `until` happen; `after` runs after each item. */
  runTo(until: number, after: () => void): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      this.now = next.at;
      this.events++;
      next.run();
      after();
    }
    this.now = until;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    const { length } = heap;
    if (last === undefined || length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1] as Planned, heap[child] as Planned)) child++;
      const below = heap[child] as Planned;
      if (!before(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}
