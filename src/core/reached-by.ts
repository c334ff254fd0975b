import type { Monotonic } from './time.ts';

/** The newest time that at least `count` of them have reached; undefined where there are fewer. */
export function reachedBy(times: ReadonlyMap<unknown, Monotonic>, count: number): Monotonic | undefined {
  let newest: Monotonic | undefined;
  for (const time of times.values()) {
    let reached = 0;
    for (const other of times.values()) if (other >= time) reached++;
    if (reached >= count && (newest === undefined || time > newest)) newest = time;
  }
  return newest;
}
