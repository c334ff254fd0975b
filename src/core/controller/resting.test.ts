import { expect, test } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { healthReport, n } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { monotonic } from '../time.ts';
import { controllerWakeAt, stepController } from './controller.ts';
import type { ControllerEvent, ControllerState } from './controller-state.ts';

const IDS = ['c1', 'c2', 'c3'];
const SESSION = 1;

/** A master that has one node, and nothing to decide. */
class Master {
  readonly #controllers = new Controllers(3).startAll();
  readonly #id: string;
  state: ControllerState;
  now: number;

  constructor() {
    const agent = new LeasingAgent(this.#controllers, 'a', SESSION);
    this.#controllers.run(3_000);
    agent.greet(...IDS);
    agent.keep(600, ...IDS);
    this.#id = this.#controllers.masters()[0] ?? '';
    this.state = this.#controllers.state(this.#id);
    this.now = this.#controllers.now;
  }

  /** @returns whether it has decided */
  hears(event: ControllerEvent): boolean {
    const [state, effects] = stepController(this.state, event, monotonic(this.now), this.#controllers.config(this.#id));
    this.state = state;
    return effects.some(({ kind }) => kind === 'publish');
  }

  get wakeAt(): number {
    return controllerWakeAt(this.state, this.#controllers.config(this.#id));
  }
}

const labelled: ControllerEvent = {
  kind: 'snapshot',
  snapshot: { pools: [], nodes: [{ name: n('b'), status: undefined }], problems: [], complete: true },
};
const health = (number: number, over = {}): ControllerEvent => ({
  kind: 'agent',
  session: SESSION,
  message: { kind: 'health', ...healthReport(), number, ...over },
});

test('decisions that take no time follow one another', () => {
  const master = new Master();
  master.hears({ kind: 'decided', tookMs: 1 });
  expect(master.hears(labelled)).toBe(true);
});

test('after one that took long the next is put off for twice as long, and comes by itself', () => {
  const master = new Master();
  master.hears({ kind: 'decided', tookMs: 10 });
  expect(master.hears(labelled)).toBe(false);
  expect(master.wakeAt).toBeLessThanOrEqual(master.now + 20);
  master.now += 19;
  expect(master.hears({ kind: 'tick' })).toBe(false);
  master.now += 1;
  expect(master.hears({ kind: 'tick' })).toBe(true);
  expect(master.hears(labelled)).toBe(true);
});

test('no takeover waits longer than 40 ms for its decision', () => {
  const master = new Master();
  master.hears({ kind: 'decided', tookMs: 1_000 });
  master.now += 40;
  expect(master.hears(labelled)).toBe(true);
});

test.each([
  ['load', { load: { processorPercent: 90, memoryPercent: 90 } }],
  ['a round-trip time', { management: { reachable: true, rttMs: 7, message: 'not measured' } }],
])('a report that differs only in %s waits for the next decision where these take long', (_, over) => {
  const quick = new Master();
  expect(quick.hears(health(2, over))).toBe(true);
  const weary = new Master();
  weary.hears({ kind: 'decided', tookMs: 10 });
  weary.now += 40;
  expect(weary.hears(health(2, over))).toBe(false);
});

test.each([
  ['a carrier', { interfaces: [] }],
  ['its end', { leaving: true }],
  ['a network', { service: { reachable: false, rttMs: undefined, message: 'nobody answers' } }],
])('a report that tells of %s does not', (_, over) => {
  const weary = new Master();
  weary.hears({ kind: 'decided', tookMs: 10 });
  weary.now += 40;
  expect(weary.hears(health(2, over))).toBe(true);
});
