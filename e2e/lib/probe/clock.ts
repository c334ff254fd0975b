/** CLOCK_MONOTONIC in ms: the same for all processes of the lab. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Calls `tick` every `intervalMs` by an absolute schedule, so that lateness does not add up; ticks that are missed
 * altogether are left out. The result ends it.
 */
export function everyMs(intervalMs: number, tick: () => void): () => void {
  let due = monotonicMs();
  let timer: NodeJS.Timeout;
  const run = (): void => {
    tick();
    const now = monotonicMs();
    due = Math.max(due + intervalMs, now - intervalMs);
    // The platform's timer counts whole milliseconds; rounding keeps the average right.
    timer = setTimeout(run, Math.max(1, Math.round(due - now)));
  };
  run();
  return () => clearTimeout(timer);
}
