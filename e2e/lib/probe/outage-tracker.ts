/** What the probes of one VIP tell, in the order in which they were sent. Pure. */

export interface Outage {
  /** When the last answered probe before it was sent; the first probe of all where there was none. */
  readonly startedAtMs: number;
  /** When the first answered probe after it was sent; undefined while it lasts. */
  readonly endedAtMs?: number;
  /**
   * How long no probe was answered: from the last answered probe to the first one answered again, less one interval,
   * so that a VIP that was away for 200 ms counts 200 +- one interval, and one that lost nothing has no outage at all.
   * Where the prober itself was late at an edge, the edge counts one interval only.
   */
  readonly ms: number;
  /** What the prober's own lateness hides at the edges: the outage took at most `ms + ownLatenessMs`. */
  readonly ownLatenessMs: number;
  readonly probesLost: number;
}

/** Probes in a row that were answered by the same host. */
export interface HostRun {
  readonly host: string;
  /** When the first and the last of its probes were sent. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly answers: number;
}

interface Loss {
  readonly afterMs: number | undefined;
  readonly firstMs: number;
  lastMs: number;
  probes: number;
}

export class OutageTracker {
  readonly #intervalMs: number;
  readonly #outages: Outage[] = [];
  readonly #runs: { host: string; firstAtMs: number; lastAtMs: number; answers: number }[] = [];
  #answeredAtMs: number | undefined;
  #loss: Loss | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  answered(sentAtMs: number, host: string): void {
    if (this.#loss) this.#outages.push(this.#outage(this.#loss, sentAtMs));
    this.#loss = undefined;
    this.#answeredAtMs = sentAtMs;
    const run = this.#runs.at(-1);
    if (run?.host === host) {
      run.lastAtMs = sentAtMs;
      run.answers++;
    } else {
      this.#runs.push({ host, firstAtMs: sentAtMs, lastAtMs: sentAtMs, answers: 1 });
    }
  }

  lost(sentAtMs: number): void {
    this.#loss ??= { afterMs: this.#answeredAtMs, firstMs: sentAtMs, lastMs: sentAtMs, probes: 0 };
    this.#loss.lastMs = sentAtMs;
    this.#loss.probes++;
  }

  #outage({ afterMs, firstMs, lastMs, probes }: Loss, endedAtMs?: number): Outage {
    const before = afterMs === undefined ? 0 : firstMs - afterMs;
    const after = endedAtMs === undefined ? 0 : endedAtMs - lastMs;
    const clip = (ms: number): number => Math.min(ms, this.#intervalMs);
    const edges = clip(before) + clip(after);
    return {
      startedAtMs: afterMs ?? firstMs,
      ...(endedAtMs === undefined ? {} : { endedAtMs }),
      ms: Math.max(0, lastMs - firstMs + edges - this.#intervalMs),
      ownLatenessMs: before + after - edges,
      probesLost: probes,
    };
  }

  /** Those that lasted beyond `sinceMs`, oldest first; the last one may still last. */
  outages(sinceMs: number): Outage[] {
    const all = this.#loss ? [...this.#outages, this.#outage(this.#loss)] : this.#outages;
    return all.filter(({ endedAtMs }) => endedAtMs === undefined || endedAtMs > sinceMs);
  }

  hostRuns(sinceMs: number): HostRun[] {
    return this.#runs.filter(({ lastAtMs }) => lastAtMs >= sinceMs).map((run) => ({ ...run }));
  }
}

/** How often the answers came from another host and, within that time, from the first one again. */
export function flapsIn(runs: readonly HostRun[], withinMs: number): number {
  return runs.filter((run, index) => {
    const [last, between] = [runs[index - 2], runs[index - 1]];
    return last && between && last.host === run.host && run.firstAtMs - last.lastAtMs <= withinMs;
  }).length;
}
