import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LabelledValue, Metrics } from '../../ports/metrics.ts';
import { BUCKETS_SECONDS, COUNTERS, GAUGES, HISTOGRAMS } from './metric-names.ts';

/** Metrics on a registry of their own, all declared in metric-names.ts. */
export class PromMetrics implements Metrics {
  readonly registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #fills: (() => void)[] = [];

  constructor() {
    const { registry } = this;
    for (const [name, { help, labels }] of Object.entries(COUNTERS)) {
      const counter = new Counter({ name: `vippool_${name}`, help, labelNames: [...labels], registers: [registry] });
      this.#counters.set(name, counter);
    }
    for (const [name, { help, labels }] of Object.entries(GAUGES)) {
      const gauge = new Gauge({ name: `vippool_${name}`, help, labelNames: [...labels], registers: [registry] });
      this.#gauges.set(name, gauge);
    }
    const buckets = [...BUCKETS_SECONDS];
    for (const [name, { help, labels }] of Object.entries(HISTOGRAMS)) {
      const declaration = { name: `vippool_${name}`, help, labelNames: [...labels], buckets, registers: [registry] };
      this.#histograms.set(name, new Histogram(declaration));
    }
  }

  count(name: string, labels: Readonly<Record<string, string>> = {}, by = 1): void {
    declared(this.#counters, name).inc({ ...labels }, by);
  }

  gauge(name: string, value: number, labels: Readonly<Record<string, string>> = {}): void {
    declared(this.#gauges, name).set({ ...labels }, value);
  }

  gauges(name: string, values: readonly LabelledValue[]): void {
    const gauge = declared(this.#gauges, name);
    gauge.reset();
    for (const { labels, value } of values) gauge.set({ ...labels }, value);
  }

  beforeRead(fill: () => void): void {
    this.#fills.push(fill);
  }

  /** All values in the text format of Prometheus. */
  async text(): Promise<string> {
    for (const fill of this.#fills) fill();
    return await this.registry.metrics();
  }

  observe(name: string, seconds: number, labels: Readonly<Record<string, string>> = {}): void {
    declared(this.#histograms, name).observe({ ...labels }, seconds);
  }
}

function declared<T>(metrics: ReadonlyMap<string, T>, name: string): T {
  const metric = metrics.get(name);
  if (!metric) throw new RangeError(`metric ${name} is not declared in metric-names.ts`);
  return metric;
}
