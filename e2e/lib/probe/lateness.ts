/** How late a probe's own schedule ran: what a measurement could not see, it must not claim. Pure. */

/** Delays below this are the grain of the platform's timer. */
const TIMER_GRAIN_MS = 2;

export interface OwnLateness {
  readonly longestMs: number;
  readonly totalMs: number;
}

export class Lateness {
  readonly #intervalMs: number;
  readonly #late: { readonly atMs: number; readonly ms: number }[] = [];
  #tickedAtMs: number | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Tells that the work of an interval begins. */
  tick(atMs: number): void {
    const lateMs = this.#tickedAtMs === undefined ? 0 : atMs - this.#tickedAtMs - this.#intervalMs;
    if (lateMs > TIMER_GRAIN_MS) this.#late.push({ atMs, ms: lateMs });
    this.#tickedAtMs = atMs;
  }

  /** Delays beyond the interval that ended after `sinceMs`. */
  since(sinceMs: number): OwnLateness {
    const found = this.#late.filter(({ atMs }) => atMs > sinceMs).map(({ ms }) => ms);
    return { longestMs: Math.max(0, ...found), totalMs: found.reduce((sum, ms) => sum + ms, 0) };
  }
}
