import { describe, expect, it } from '@jest/globals';
import { TIMING_PROFILES } from '../../core/timing.ts';
import type { Action } from './actions.ts';
import { Scene } from './scene.ts';
import { scenarioNamed } from './scenarios.ts';
import type { Setup } from './setup.ts';
import { scheduleOf, simulate } from './simulate.ts';

/** Long after its first master was elected. */
function settled(seed: number, over?: Partial<Setup>): Scene {
  const scene = new Scene(seed, 6, over);
  scene.run(20_000);
  return scene;
}

/** How many losses were judged after these faults, one after the other. */
function judged(scene: Scene, ...faults: readonly (Partial<Action> & Pick<Action, 'kind'>)[]): number {
  for (const fault of faults) scene.cause(fault);
  scene.run(3_000);
  return scene.world.loneLosses.judged;
}

/** Controllers are on machines 3 to 5. */
const everybody = 2 ** 6 - 1;

describe('the loss of one host alone', () => {
  it.each([
    ['power', { kind: 'power', a: 1 }],
    ['a dead agent', { kind: 'killAgent', a: 1 }],
    ['a frozen agent', { kind: 'freezeAgent', a: 1 }],
    ['a host that hears nobody', { kind: 'cut', a: everybody, b: 2, c: 3 }],
    ['a host that nobody hears', { kind: 'cut', a: 2, b: everybody, c: 3 }],
  ] as const)('is judged by what is promised for it: %s', (_, fault) => {
    expect(judged(settled(1), fault)).toBe(1);
  });

  it('takes no longer than the product promises, or it is a violation', () => {
    // Leases of `Relaxed`, and the promise of `Default`.
    const scene = settled(2, { timing: TIMING_PROFILES.Relaxed });
    expect(() => judged(scene, { kind: 'power', a: 1 })).toThrow(
      /S4 .* nobody else answers for .* after power of node-2/,
    );
  });

  it.each([
    [
      'another host is lost too',
      [
        { kind: 'killAgent', a: 1 },
        { kind: 'freezeAgent', a: 2 },
      ],
    ],
    [
      'something else was wrong before',
      [
        { kind: 'resign', a: 1, ms: 0 },
        { kind: 'power', a: 1 },
      ],
    ],
    ['it is back within its lease', [{ kind: 'freezeAgent', a: 1, ms: 900 }]],
    ['it reaches one controller', [{ kind: 'cut', a: 2, b: everybody - 8, c: 3 }]],
    ['two are cut off', [{ kind: 'cut', a: 6, b: everybody, c: 3 }]],
    ['only its service network fails', [{ kind: 'cut', a: 2, b: everybody, c: 2 }]],
    ['it is a machine of a controller', [{ kind: 'power', a: 4 }]],
  ] as const)('is left to the looser bound where %s', (_, faults) => {
    expect(judged(settled(3), ...faults)).toBe(0);
  });

  it('is left to the looser bound where the master is on that host', () => {
    const scene = settled(4, { shared: true });
    expect(judged(scene, { kind: 'power', a: scene.master.machine })).toBe(0);
  });

  it('is judged in schedules as well', () => {
    const scenario = scenarioNamed('quiet');
    // The first of them is one.
    const seeds = Array.from({ length: 40 }, (_, index) => index + 26);
    expect(seeds.some((seed) => simulate(scheduleOf(seed, { scenario })).loneLosses > 0)).toBe(true);
  });
});
