/** A fault of several steps, and what a client saw of each. */
import type { ProbeLog } from '../../lib/observer.ts';
import { now, sleep } from '../../lib/wait.ts';
import type { ClusterScene } from './scene.ts';

export interface Step {
  readonly what: string;
  readonly tookMs: number;
  readonly outageMs: number;
  readonly twoHoldersMs: number;
}

/** Steps, with one log of all of them. */
export interface Course {
  readonly steps: readonly Step[];
  readonly log: ProbeLog;
}

/** What follows a step is seen with it. */
const AFTERMATH_MS = 2_000;

/** Watches one step to the end of what follows it. */
export async function watched(
  { observer }: Pick<ClusterScene, 'observer'>,
  what: string,
  work: () => unknown,
): Promise<Step> {
  const mark = observer.mark();
  await work();
  const tookMs = now() - mark;
  await sleep(AFTERMATH_MS);
  const { worstOutage, twoHoldersMs } = await observer.since(mark);
  return { what, tookMs: Math.round(tookMs), outageMs: Number(worstOutage.toFixed(1)), twoHoldersMs };
}
