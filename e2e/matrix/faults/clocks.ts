/** Wall clocks that jump. */
import { stepWallClocks } from '../wall-clock/step.ts';
import type { Fault } from '../fault.ts';
import { nothing } from '../promises.ts';
import { sleep } from '../../lib/wait.ts';

const HOUR_MS = 3_600_000;
const BACK_AFTER_MS = 1_000;

export const clockFaults: readonly Fault[] = [
  {
    name: 'clock-step',
    does: 'the wall clock of every agent and controller jumps an hour ahead, then two hours back',
    heals: 'it is right again',
    promised: nothing,
    promisedBack: nothing,
    async inflict({ cluster }) {
      const processes = [...cluster.agents.values(), ...cluster.controllers.values()];
      const step = (byMs: number): void => stepWallClocks(processes, byMs);
      step(HOUR_MS);
      await sleep(BACK_AFTER_MS);
      step(-2 * HOUR_MS);
      await sleep(BACK_AFTER_MS);
      return () => step(HOUR_MS);
    },
  },
];
