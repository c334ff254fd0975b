import { nodeName } from '../ids.ts';
import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { electorate, instance, n } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { type Monotonic, monotonic } from '../time.ts';
import { revokeAfterMs, TIMING_PROFILES } from '../timing.ts';
import { controllerWakeAt, stepController } from './controller.ts';
import { type ControllerConfig, type ControllerState, initialController } from './controller-state.ts';

const config: ControllerConfig = {
  self: instance('c1'),
  node: nodeName('node-of-c1'),
  bootId: 'boot',
  address: '10.0.0.1:7400',
  controllers: electorate(1).members,
  election: { self: instance('c1'), ttlMs: 3_000, marginMs: 500, pollMs: 500 },
  timing: TIMING_PROFILES.Default,
};
/** It knows which controllers there are, and has read that just now. */
const acquainted = (state: ControllerState): ControllerState => ({
  ...state,
  electorate: electorate(1),
  standing: 'member',
  record: { pending: false, readAt: Number.POSITIVE_INFINITY as Monotonic },
});
const NOTHING = { pools: [], nodes: [], problems: [], complete: true };

describe('a controller that has not read its source', () => {
  it.each(['tick', 'store-changed'] as const)('does not queue for mastership on %s, and sleeps', (kind) => {
    const unread = acquainted(initialController(monotonic(0), config, undefined));
    const [state, effects] = stepController(unread, { kind: 'election', event: { kind } }, monotonic(1), config);
    expect(effects).toEqual([]);
    expect(controllerWakeAt(state, config)).toBe(Number.POSITIVE_INFINITY);
  });

  it('queues as soon as it has', () => {
    const unread = acquainted(initialController(monotonic(0), config, undefined));
    const [, effects] = stepController(unread, { kind: 'snapshot', snapshot: NOTHING }, monotonic(1), config);
    expect(effects).toMatchObject([{ kind: 'election', effect: { kind: 'grant' } }]);
  });
});

describe('a controller that was late itself', () => {
  const LATE_MS = 1_500;
  const isRevoked = (late: ControllerState): boolean => late.nodes.get(n('node-1'))?.gone !== 'no';
  const heard = (): { readonly c: Controllers; readonly agent: LeasingAgent } => {
    const c = new Controllers(3).startAll().run(2_000);
    const agent = new LeasingAgent(c, 'node-1', 1);
    agent.greet('c1', 'c2', 'c3');
    agent.keep(1_000, 'c1', 'c2', 'c3');
    return { c, agent };
  };
  const thawed = (): { readonly c: Controllers; readonly late: ControllerState; readonly at: number } => {
    const { c } = heard();
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

  it('takes that time anew when it pauses again at once', () => {
    const { c, late, at } = thawed();
    const config = c.config('c2');
    const [again] = stepController(late, { kind: 'tick' }, monotonic(at + 376), config);
    expect(isRevoked(again)).toBe(false);
    const [later] = stepController(again, { kind: 'tick' }, controllerWakeAt(again, config), config);
    expect(isRevoked(later)).toBe(false);
  });

  it('takes that time anew when it was away for long once more', () => {
    const { c, late, at } = thawed();
    const [again] = stepController(late, { kind: 'tick' }, monotonic(at + LATE_MS), c.config('c2'));
    expect(isRevoked(again)).toBe(false);
  });

  it('revokes leases also where it is late each time', () => {
    for (const lateMs of [60, 120, 190, 300, 450]) {
      const { c, agent } = heard();
      const config = c.config('c2');
      const { timing } = config;
      agent.beat('c2');
      const from = c.now;
      let [state, now] = [c.state('c2'), from];
      while (!isRevoked(state) && now < from + 60_000) {
        now = Math.max(now, controllerWakeAt(state, config)) + lateMs;
        [state] = stepController(state, { kind: 'tick' }, monotonic(now), config);
      }
      expect(now - from).toBeLessThan(revokeAfterMs(timing) + timing.leaderLeaseMs + timing.heartbeatMs + 2 * lateMs);
    }
  });
});
