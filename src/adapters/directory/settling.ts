import type { Monotonic } from '../../core/time.ts';

/** A file that is written again and again is looked at after this many quiet periods all the same. */
const PATIENCE = 20;

/** Names that changed lately: each is due once it was left alone for a moment, so that its writer is done with it. */
export class Settling {
  readonly #quietMs: number;
  readonly #touched = new Map<string, { readonly first: Monotonic; readonly last: Monotonic }>();

  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  touch(name: string, now: Monotonic): void {
    this.#touched.set(name, { first: this.#touched.get(name)?.first ?? now, last: now });
  }

  /** Takes out what is due. */
  take(now: Monotonic): string[] {
    const due = [...this.#touched.keys()].filter((name) => this.#waitMs(name, now) <= 0);
    for (const name of due) this.#touched.delete(name);
    return due;
  }

  /** Milliseconds until the next name is due; undefined where nothing waits. */
  nextMs(now: Monotonic): number | undefined {
    const waits = [...this.#touched.keys()].map((name) => this.#waitMs(name, now));
    return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
  }

  #waitMs(name: string, now: Monotonic): number {
    const entry = this.#touched.get(name);
    if (entry === undefined) return 0;
    return Math.min(entry.last + this.#quietMs, entry.first + PATIENCE * this.#quietMs) - now;
  }
}
