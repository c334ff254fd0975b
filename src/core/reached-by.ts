import type { Monotonic } from './time.ts';

/** The newest time that at least `count` of them have reached; undefined where there are fewer. */
export const reachedBy = (times: ReadonlyMap<unknown, Monotonic>, count: number): Monotonic | undefined =>
  nthLargest([...times.values()], count);

/** Of a few numbers, for which sorting takes longer: the largest for 1; undefined where there are fewer than `n`. */
export function nthLargest<N extends number>(numbers: readonly N[], n: number): N | undefined {
  let largest: N | undefined;
  for (const number of numbers) {
    if (largest !== undefined && number <= largest) continue;
    let reached = 0;
    for (const other of numbers) if (other >= number) reached++;
    if (reached >= n) largest = number;
  }
  return largest;
}
