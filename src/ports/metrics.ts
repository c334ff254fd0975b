export interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metrics {
  /** Adds `by` (default 1) to the counter `vippool_<name>`, whose label values are `labels`. */
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Sets the gauge `vippool_<name>`. */
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /** Replaces all values of the gauge `vippool_<name>`: what is not among them is not shown any more. */
  gauges(name: string, values: readonly LabelledValue[]): void;
  /** Calls `fill` right before the values are read, which is seldom: for gauges that change more often than that. */
  beforeRead(fill: () => void): void;
  /** Adds a duration to the histogram `vippool_<name>`. */
  observe(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void;
}
