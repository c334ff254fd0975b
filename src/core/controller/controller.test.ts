import { nodeName } from '../ids.ts';
import { describe, expect, it } from '@jest/globals';
import { electorate, instance } from '../../testing/core-builders.ts';
import { monotonic } from '../time.ts';
import { TIMING_PROFILES } from '../timing.ts';
import { controllerWakeAt, stepController } from './controller.ts';
import { type ControllerConfig, initialController } from './controller-state.ts';

const config: ControllerConfig = {
  self: instance('c1'),
  node: nodeName('node-of-c1'),
  bootId: 'boot',
  electorate: electorate(1),
  election: {
    self: instance('c1'),
    ttlMs: 3_000,
    marginMs: 500,
    pollMs: 500,
    byVotes: false,
    electorate: electorate(1),
  },
  timing: TIMING_PROFILES.Default,
};
const NOTHING = { pools: [], nodes: [], problems: [], complete: true };

describe('a controller that has not read its source', () => {
  it.each(['tick', 'store-changed'] as const)('does not queue for mastership on %s, and sleeps', (kind) => {
    const unread = initialController(monotonic(0), config, undefined);
    const [state, effects] = stepController(unread, { kind: 'election', event: { kind } }, monotonic(1), config);
    expect(effects).toEqual([]);
    expect(controllerWakeAt(state, config)).toBe(Number.POSITIVE_INFINITY);
  });

  it('queues as soon as it has', () => {
    const unread = initialController(monotonic(0), config, undefined);
    const [, effects] = stepController(unread, { kind: 'snapshot', snapshot: NOTHING }, monotonic(1), config);
    expect(effects).toMatchObject([{ kind: 'election', effect: { kind: 'grant' } }]);
  });
});
