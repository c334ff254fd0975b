import { OpError } from '../../core/op-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Source, SourceSnapshot } from '../../ports/source.ts';

/**
 * Starts a source, takes its first snapshot and stops it. Throws the first fault, or `DeadlineExceeded` after
 * `timeoutMs`: somebody at a terminal is told at once, rather than kept waiting while the source retries.
 */
export async function firstSnapshot(source: Source, clock: Clock, timeoutMs: number): Promise<SourceSnapshot> {
  let cancel = (): void => undefined;
  try {
    return await new Promise<SourceSnapshot>((resolve, reject) => {
      cancel = clock.after(timeoutMs, () => {
        reject(new OpError('DeadlineExceeded', `the source did not answer within ${timeoutMs} ms`));
      });
      source.start(resolve, reject);
    });
  } finally {
    cancel();
    await source.stop();
  }
}
