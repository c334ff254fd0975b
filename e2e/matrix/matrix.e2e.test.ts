import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith } from '../../src/testing/requirements.ts';
import { lenient } from '../lib/bounds.ts';
import { missingForLab } from '../lib/requirements.ts';
import type { Scene } from './fault.ts';
import { faultNamed } from './faults/index.ts';
import { takeover } from './promises.ts';
import { startStage } from './systems/stage.ts';
import { tryOnce } from './trial.ts';

/** Of each kind the one that asks most. */
const FAULTS = ['freeze', 'master-holder-poweroff', 'partition', 'master-kill', 'clock-step', 'move', 'replace'];
/** What is promised at once may wait for a busy machine, but no longer than a probe may. */
const GRACE_MS = 100;
/** Half of it before the power goes: longer than the lock in etcd lasts, 3 s. */
const AWAY_MS = 8_000;

describeWith(missingForLab(), 'some faults of the matrix, with the timing profile Fast', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await startStage({ system: 'vippool', profile: 'fast', stage: 'hosts', awayMs: AWAY_MS });
  }, 60_000);

  afterAll(async () => {
    await scene?.stop();
  }, 30_000);

  const isSurvived = async (name: string): Promise<void> => {
    const fault = faultNamed(name);
    const trial = await tryOnce(scene, fault, takeover('fast'));
    expect(trial.failure).toBeUndefined();
    expect(trial.twoHoldersMs).toBe(0);
    expect(trial.unanswered).toEqual([]);
    expect(trial.outageMs).toBeLessThanOrEqual(lenient(fault.promised('fast')) + GRACE_MS);
    expect(trial.returnOutageMs).toBeLessThanOrEqual(lenient(fault.promisedBack('fast')) + GRACE_MS);
  };

  it.each(FAULTS)('A1 A2 A7 A8 D1 %s: never two holders, answered in time, healthy again', isSurvived, 60_000);

  it(
    'A3 A7 A11 etcd is away for longer than the lock lasts, then the master and holder loses its power: taken over as ever',
    () => isSurvived('etcd-down-before'),
    90_000,
  );
});
