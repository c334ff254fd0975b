/** Which hosts answered for a VIP, round after round. Pure. */

export interface HolderRun {
  /** Sorted; empty where nobody answered. */
  readonly hosts: readonly string[];
  /** When the first and the last round with these holders began. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

export interface Holders {
  /**
   * Time in which two hosts or more answered in the same round. A round counts until the next one begins, but no longer
   * than one interval: that is the resolution, and the least that two holders count.
   */
  readonly twoHoldersMs: number;
  /** Time in which nobody answered, counted in the same way. */
  readonly noHolderMs: number;
  /** Of the last round that began before the moment since when all this is told; empty where there was none. */
  readonly before: readonly string[];
  /** Rounds with the same holders in a row, oldest first. */
  readonly runs: readonly HolderRun[];
  /** Of the latest round. */
  readonly now: readonly string[];
}

interface Run {
  readonly hosts: readonly string[];
  readonly firstAtMs: number;
  lastAtMs: number;
}

export class HolderTracker {
  readonly #intervalMs: number;
  readonly #runs: Run[] = [];

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** @param hosts those that answered, in any fixed order. @param atMs when the round began. */
  round(atMs: number, hosts: readonly string[]): void {
    const latest = this.#runs.at(-1);
    if (latest && same(latest.hosts, hosts)) latest.lastAtMs = atMs;
    else this.#runs.push({ hosts: [...hosts], firstAtMs: atMs, lastAtMs: atMs });
  }

  now(): readonly string[] {
    return this.#runs.at(-1)?.hosts ?? [];
  }

  holders(sinceMs: number): Holders {
    const runs = this.#runs
      .filter(({ lastAtMs }) => lastAtMs >= sinceMs)
      .map((run) => ({ ...run, firstAtMs: Math.max(run.firstAtMs, sinceMs) }));
    const lasted = (fits: (hosts: number) => boolean): number =>
      runs
        .map((run, index) => (fits(run.hosts.length) ? this.#lasted(run, runs[index + 1]) : 0))
        .reduce((sum, ms) => sum + ms, 0);
    return {
      twoHoldersMs: lasted((hosts) => hosts > 1),
      noHolderMs: lasted((hosts) => hosts === 0),
      before: this.#runs.findLast(({ firstAtMs }) => firstAtMs < sinceMs)?.hosts ?? [],
      runs,
      now: this.now(),
    };
  }

  #lasted({ firstAtMs, lastAtMs }: Run, next: Run | undefined): number {
    const lastRoundMs = next ? next.firstAtMs - lastAtMs : this.#intervalMs;
    return lastAtMs - firstAtMs + Math.min(lastRoundMs, this.#intervalMs);
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((host, index) => host === b[index]);
