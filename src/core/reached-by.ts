import type { Monotonic } from './time.ts';

/** The newest time that at least `count` of them have reached; undefined where there are fewer. */
export function reachedBy(times: ReadonlyMap<unknown, Monotonic>, count: number): Monotonic | undefined {
  const all = [...times.values()];
  let newest: Monotonic | undefined;
  for (const time of all) {
    if (newest !== undefined && time <= newest) continue;
    let reached = 0;
    for (const other of all) if (other >= time) reached++;
    if (reached >= count) newest = time;
  }
  return newest;
}
