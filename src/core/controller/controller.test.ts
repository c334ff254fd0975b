import { nodeName } from '../ids.ts';
import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { electorate, instance, n } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { monotonic } from '../time.ts';
import { TIMING_PROFILES } from '../timing.ts';
import { controllerWakeAt, stepController } from './controller.ts';
import { type ControllerConfig, type ControllerState, initialController } from './controller-state.ts';

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

describe('a controller that was late itself', () => {
  const LATE_MS = 1_500;
  const isRevoked = (late: ControllerState): boolean => late.nodes.get(n('node-1'))?.gone !== 'no';
  const thawed = (): { readonly c: Controllers; readonly late: ControllerState; readonly at: number } => {
    const c = new Controllers(3).startAll().run(2_000);
    const agent = new LeasingAgent(c, 'node-1', 1);
    agent.greet('c1', 'c2', 'c3');
    agent.keep(1_000, 'c1', 'c2', 'c3');
    const at = c.now + LATE_MS;
    const [late] = stepController(c.state('c2'), { kind: 'tick' }, monotonic(at), c.config('c2'));
    return { c, late, at };
  };

  it('revokes no lease before it had the time to read what waits for it', () => {
    const { late } = thawed();
    expect(isRevoked(late)).toBe(false);
  });

  it('revokes it a heartbeat later, where nothing waited', () => {
    const { c, late, at } = thawed();
    const config = c.config('c2');
    let [state, now] = [late, at];
    while (!isRevoked(state) && now < at + LATE_MS) {
      now = Math.max(now + 1, controllerWakeAt(state, config));
      [state] = stepController(state, { kind: 'tick' }, monotonic(now), config);
    }
    expect(now - at).toBe(config.timing.heartbeatMs);
  });
});
