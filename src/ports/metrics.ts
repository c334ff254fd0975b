export interface Metrics {
  /** Adds `by` (default 1) to the counter `vippool_<name>`, whose label values are `labels`. */
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Sets the gauge `vippool_<name>`. */
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /** Adds a duration to the histogram `vippool_<name>`. */
  observe(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void;
}
