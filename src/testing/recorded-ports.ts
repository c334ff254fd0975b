import type { Log, LogFields, LogLevel } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';

/** Log and metrics that only write down what they are told. */
export class RecordedPorts {
  readonly lines: { readonly level: LogLevel; readonly message: string; readonly fields: LogFields }[] = [];
  /** Sum by name and labels: "messages_refused_total reason=bad-value". */
  readonly counts = new Map<string, number>();
  readonly gauges = new Map<string, number>();
  /** Durations in seconds, in order. */
  readonly observations = new Map<string, readonly number[]>();

  readonly #fills: (() => void)[] = [];

  readonly log: Log = {
    log: (level, message, fields = {}) => void this.lines.push({ level, message, fields }),
    child: () => this.log,
  };

  readonly metrics: Metrics = {
    count: (name, labels = {}, by = 1) => {
      const key = keyOf(name, labels);
      this.counts.set(key, this.count(key) + by);
    },
    gauge: (name, value, labels = {}) => void this.gauges.set(keyOf(name, labels), value),
    gauges: (name, values) => {
      for (const key of this.gauges.keys()) if (key.split(' ')[0] === name) this.gauges.delete(key);
      for (const { labels, value } of values) this.gauges.set(keyOf(name, labels), value);
    },
    beforeRead: (fill) => void this.#fills.push(fill),
    observe: (name, seconds, labels = {}) => {
      const key = keyOf(name, labels);
      this.observations.set(key, [...(this.observations.get(key) ?? []), seconds]);
    },
  };

  /** What a scrape would see. */
  read(): ReadonlyMap<string, number> {
    for (const fill of this.#fills) fill();
    return this.gauges;
  }

  count(key: string): number {
    return this.counts.get(key) ?? 0;
  }
}

const keyOf = (name: string, labels: Readonly<Record<string, string>>): string =>
  [name, ...Object.entries(labels).map(([label, value]) => `${label}=${value}`)].join(' ');
