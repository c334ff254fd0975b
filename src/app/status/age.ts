const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** From this amount on the smaller of two units says nothing useful: "3h5m", but "47m" and "12d". */
const SMALL = 10;

/** How long ago an RFC 3339 time was: "7s", "5m12s", "47m", "3h5m", "12d"; empty where it is unknown. */
export function age(time: string | undefined, now: Date): string {
  const then = Date.parse(time ?? '');
  if (Number.isNaN(then)) return '';
  // The writer's clock may be ahead of ours.
  const seconds = Math.max(0, Math.floor((now.getTime() - then) / 1_000));
  const index = UNITS.findIndex(([, size]) => seconds >= size);
  const [unit, size] = UNITS[index] ?? (['s', 1] as const);
  const amount = Math.floor(seconds / size);
  const [smallUnit, smallSize] = UNITS[index + 1] ?? (['', Number.POSITIVE_INFINITY] as const);
  const rest = amount < SMALL ? Math.floor((seconds % size) / smallSize) : 0;
  return `${amount}${unit}${rest > 0 ? `${rest}${smallUnit}` : ''}`;
}
