import type { Log } from '../../src/ports/log.ts';
import type { Metrics } from '../../src/ports/metrics.ts';

/** Of all agents together, since the last time that they were asked for. */
export interface Observations {
  /** What was logged as a warning or an error, and how often. */
  readonly complaints: Readonly<Record<string, number>>;
  /** Milliseconds, by the name of the metric. */
  readonly durations: Readonly<Record<string, { readonly count: number; readonly mean: number; readonly max: number }>>;
}

/** The log and the metrics of many agents, as numbers. */
export class Observed {
  readonly #complaints = new Map<string, number>();
  readonly #durations = new Map<string, { count: number; sum: number; max: number }>();

  readonly log: Log = {
    log: (level, message) => {
      if (level === 'warn' || level === 'error')
        this.#complaints.set(message, (this.#complaints.get(message) ?? 0) + 1);
    },
    child: () => this.log,
  };

  readonly metrics: Metrics = {
    count: () => undefined,
    gauge: () => undefined,
    gauges: () => undefined,
    beforeRead: () => undefined,
    observe: (name, seconds) => {
      const known = this.#durations.get(name) ?? { count: 0, sum: 0, max: 0 };
      this.#durations.set(name, known);
      known.count++;
      known.sum += 1_000 * seconds;
      known.max = Math.max(known.max, 1_000 * seconds);
    },
  };

  take(): Observations {
    const durations = [...this.#durations].map(([name, { count, sum, max }]) => [
      name,
      { count, mean: sum / count, max },
    ]);
    const taken = { complaints: Object.fromEntries(this.#complaints), durations: Object.fromEntries(durations) };
    this.#complaints.clear();
    this.#durations.clear();
    return taken;
  }
}
