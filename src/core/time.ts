/** Milliseconds of a clock that never steps back (CLOCK_MONOTONIC). Comparable between processes of one boot only. */
export type Monotonic = number & { readonly __brand: 'Monotonic' };

export const monotonic = (ms: number): Monotonic => ms as Monotonic;
export const addMs = (at: Monotonic, ms: number): Monotonic => (at + ms) as Monotonic;

/** Earlier than every instant of a real clock. */
export const NEVER = Number.NEGATIVE_INFINITY as Monotonic;

export const HOUR_MS = 3_600_000;

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: HOUR_MS };

/**
 * Parses a duration such as "200ms", "1s", "1.5s" or "1m30s" (Go's notation, units h, m, s, ms).
 * Returns milliseconds, exact to a millionth, or undefined where the text is not a duration.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    total += Number(amount) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
  }
  // 1.001 * 1000 is a little less than 1001.
  return Math.round(total * 1e6) / 1e6;
}

/** Text that parseDuration reads back; the largest unit that divides the value. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms % 1_000 !== 0) return `${ms}ms`;
  if (ms % 60_000 !== 0) return `${ms / 1_000}s`;
  return ms % HOUR_MS === 0 ? `${ms / HOUR_MS}h` : `${ms / 60_000}m`;
}
