/** Everything that administrators do at noon, one after the other, in one log of probes. */
import { sleep } from '../../lib/wait.ts';
import type { ClusterFault } from './fault.ts';
import { PLANNED, planned } from './planned.ts';
import { refusalOf } from './refused.ts';
import type { ClusterScene } from './scene.ts';
import { type Step, watched } from './steps.ts';

export const NOON: ClusterFault = planned({
  name: 'noon',
  does: 'upgrade, rollback, eviction, drain, renewal of certificates and another authority, one after the other',
  heals: '-',
  once: true,
  async inflict(scene) {
    const { observer, findings, noonMs } = scene;
    const mark = observer.mark();
    const steps: Step[] = [];
    // What was seen until something fails is worth a report.
    const failure = await refusalOf(all(scene, steps));
    if (failure !== undefined) findings.push(failure);
    const leftMs = noonMs - (observer.mark() - mark);
    if (failure === undefined && leftMs > 0) steps.push(await watched(scene, 'nothing more', () => sleep(leftMs)));
    scene.course = { steps, log: (await observer.since(mark)).log };
    return () => undefined;
  },
});

async function all(scene: ClusterScene, steps: Step[]): Promise<void> {
  for (const work of PLANNED) await done(scene, work, steps);
}

/** A work and its end, with all that follows it: whole again when it resolves. */
async function done(scene: ClusterScene, work: ClusterFault, steps: Step[]): Promise<void> {
  const { does, heals } = work;
  const roles = await scene.roles();
  let heal: () => unknown = () => undefined;
  const doing = async (): Promise<void> => {
    heal = await work.inflict(scene, roles);
  };
  steps.push(await watched(scene, does, doing));
  const ending = async (): Promise<void> => {
    await heal();
    await scene.healthy();
  };
  steps.push(await watched(scene, heals === '-' ? `after: ${does}` : heals, ending));
}
