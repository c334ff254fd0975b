/** Commands of the harness to its measuring processes, one JSON text a line. */
export type Command =
  | { readonly kind: 'vips'; readonly vips: readonly string[] }
  | { readonly kind: 'report'; readonly since: number; readonly id: number };

export const PROBE_PORT = 7007;
export const familyOf = (vip: string): 4 | 6 => (vip.includes(':') ? 6 : 4);
/** CLOCK_MONOTONIC in milliseconds. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;
