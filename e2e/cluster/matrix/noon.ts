/** Everything that administrators do at noon, one after the other, in one log of probes. */
import { sleep } from '../../lib/wait.ts';
import type { ClusterFault } from './fault.ts';
import { PLANNED, planned } from './planned.ts';
import type { ClusterScene } from './scene.ts';
import { type Step, watched } from './steps.ts';

export const NOON: ClusterFault = planned({
  name: 'noon',
  does: 'upgrade, rollback, eviction, drain, renewal of certificates and another authority, one after the other',
  heals: '-',
  once: true,
  async inflict(scene) {
    const { observer, noonMs } = scene;
    const mark = observer.mark();
    const steps: Step[] = [];
    for (const work of PLANNED) steps.push(...(await done(scene, work)));
    const leftMs = noonMs - (observer.mark() - mark);
    if (leftMs > 0) steps.push(await watched(scene, 'nothing more', () => sleep(leftMs)));
    scene.course = { steps, log: (await observer.since(mark)).log };
    return () => undefined;
  },
});

/** A work and its end, with all that follows it: whole again when it resolves. */
async function done(scene: ClusterScene, work: ClusterFault): Promise<readonly Step[]> {
  const { does, heals } = work;
  const roles = await scene.roles();
  let heal: () => unknown = () => undefined;
  const doing = await watched(scene, does, async () => {
    heal = await work.inflict(scene, roles);
  });
  const ending = await watched(scene, heals === '-' ? `after: ${does}` : heals, async () => {
    await heal();
    await scene.healthy();
  });
  return [doing, ending];
}
