/** The little of Prometheus' text format that is needed to tell the worst case of a histogram. Pure. */

/** Counts by upper end of the bucket, seconds; those of all labels together. */
export type Cumulative = ReadonlyMap<number, number>;

/** The buckets of a histogram, each with all that lies below. */
export function bucketsOf(text: string, name: string): Cumulative {
  const counts = new Map<number, number>();
  for (const [, labels = '', count = '0'] of text.matchAll(new RegExp(`^${name}_bucket\\{([^}]*)\\} (\\S+)$`, 'gm'))) {
    const end = /\ble="([^"]+)"/.exec(labels)?.[1];
    if (end === undefined) continue;
    const seconds = end === '+Inf' ? Number.POSITIVE_INFINITY : Number(end);
    counts.set(seconds, (counts.get(seconds) ?? 0) + Number(count));
  }
  return counts;
}

/**
 * The end of the highest bucket that got something between two looks, seconds: no value was larger. Undefined where there
 * were none; infinite where one lay beyond the last bucket.
 */
export function worstBetween(before: Cumulative, after: Cumulative): number | undefined {
  const added = [...after]
    .sort(([a], [b]) => a - b)
    .map(([end, count]) => ({ end, count: count - (before.get(end) ?? 0) }));
  const all = added.at(-1)?.count ?? 0;
  return all === 0 ? undefined : added.find(({ count }) => count === all)?.end;
}
