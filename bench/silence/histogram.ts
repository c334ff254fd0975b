/** How many of many values lie where. Pure. */

export interface Bucket {
  readonly fromMs: number;
  /** Exclusive; missing in the last bucket, which takes everything from `fromMs` on. */
  readonly toMs?: number;
  readonly count: number;
}

const BAR_WIDTH = 40;

/** Buckets of `widthMs` up to `limitMs`, empty ones before the first value left out, and one for all that lies beyond. */
export function histogram(values: readonly number[], widthMs: number, limitMs: number): Bucket[] {
  const within = (fromMs: number, toMs: number): number =>
    values.filter((value) => value >= fromMs && value < toMs).length;
  const first = Math.max(0, Math.floor(Math.min(...values) / widthMs) * widthMs);
  const buckets: Bucket[] = [];
  for (let fromMs = first; fromMs < limitMs; fromMs += widthMs) {
    const toMs = Math.min(fromMs + widthMs, limitMs);
    buckets.push({ fromMs, toMs, count: within(fromMs, toMs) });
  }
  return [...buckets, { fromMs: limitMs, count: within(limitMs, Number.POSITIVE_INFINITY) }];
}

/** A line per bucket, with a bar as long as its share of the fullest one. */
export function histogramText(buckets: readonly Bucket[]): string {
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  return buckets
    .map(({ fromMs, toMs, count }) => {
      const range = `${String(fromMs).padStart(6)} - ${String(toMs ?? '').padEnd(6)} ms`;
      return `${range} ${String(count).padStart(5)} ${'#'.repeat(Math.ceil((count / most) * BAR_WIDTH))}`.trimEnd();
    })
    .join('\n');
}
