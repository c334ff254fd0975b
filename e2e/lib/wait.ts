export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** CLOCK_MONOTONIC in milliseconds: the same for every process of the lab. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Polls until `probe` gives something other than undefined or false. Returns it.
 * @throws Error naming what was waited for, with what `explain` has to say.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs: number,
  explain: () => string = () => '',
): Promise<T> {
  const end = now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what} ${explain()}`);
    await sleep(20);
  }
}
