/** One fault, once. */
import { now, sleep } from '../lib/wait.ts';
import type { Fault, Scene } from './fault.ts';

/** What client and wire saw, milliseconds. */
export interface Trial {
  readonly outageMs: number;
  readonly twoHoldersMs: number;
  readonly returnOutageMs: number;
  /** VIPs that nobody answered for until the fault was healed: their outage would have lasted longer. */
  readonly unanswered: readonly string[];
  /** What kept the system from becoming healthy again. */
  readonly failure?: string;
}

/** Longer than what every system does periodically, so that faults hit each phase of it alike. */
const PHASE_MS = 1_000;
const CALM_MS = 200;
/** After the bound: what comes late, such as a second change of holders, is seen as well. */
const AFTERMATH_MS = 500;
/** keepalived's default takes three times as long as ours. */
const PATIENCE_MS = 5_000;
const POLL_MS = 50;
/** After a change of holders clients of keepalived may lack one of them for some seconds. */
const WHOLE_WITHIN_MS = 20_000;

/**
 * On a healthy scene, which is healthy again afterwards unless the trial tells a failure.
 *
 * @param watchMs how long a fault lasts at least.
 * @throws Error where the scene was not whole before.
 */
export async function tryOnce(scene: Scene, fault: Fault, watchMs: number): Promise<Trial> {
  const { observer } = scene;
  const roles = await scene.roles();
  await fault.prepare?.(scene, roles);
  await requireAnswers(scene);
  await sleep(PHASE_MS * Math.random());
  const mark = observer.mark();
  const heal = await fault.inflict(scene, roles);
  await sleep(Math.max(0, mark + watchMs - now()));
  const unanswered = await stillUnanswered(scene, mark);
  await sleep(AFTERMATH_MS);
  const during = await observer.since(mark);
  const healing = observer.mark();
  await heal();
  const failure = await scene.healthy().then(
    () => undefined,
    (error: unknown) => String(error),
  );
  const after = await observer.since(healing);
  return {
    outageMs: during.worstOutage,
    twoHoldersMs: Math.max(during.twoHoldersMs, after.twoHoldersMs),
    returnOutageMs: after.worstOutage,
    unanswered,
    ...(failure === undefined ? {} : { failure }),
  };
}

/** A fault is only worth a measurement where every VIP has been answered for a while, by one host. */
async function requireAnswers({ observer }: Scene): Promise<void> {
  const end = now() + WHOLE_WITHIN_MS;
  for (;;) {
    const mark = observer.mark();
    await sleep(CALM_MS);
    const { worstOutage, twoHoldersMs } = await observer.since(mark);
    if (worstOutage === 0 && twoHoldersMs === 0) return;
    if (now() > end) {
      const outage = worstOutage.toFixed(0);
      throw new Error(`not whole before the fault: ${outage} ms without an answer, two holders ${twoHoldersMs} ms`);
    }
  }
}

/** Some faults leave VIPs without an answer until they are healed: which, after some patience. */
async function stillUnanswered({ observer }: Scene, mark: number): Promise<readonly string[]> {
  const end = now() + PATIENCE_MS;
  for (;;) {
    const { silent } = await observer.since(mark);
    if (silent.length === 0 || now() >= end) return silent;
    await sleep(POLL_MS);
  }
}
