import { describe, expect, test } from '@jest/globals';
import { isGood, LEAF_MS, type LeafTerm, RenewalPlan } from './renewal.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const leaf = (change: Partial<LeafTerm> = {}): LeafTerm => ({
  fromMs: 0,
  untilMs: LEAF_MS,
  authority: 'first',
  ...change,
});

test.each<[string, LeafTerm | undefined]>([
  ['there is none', undefined],
  ['it has ended', leaf({ untilMs: 0 })],
  ['it has not begun', leaf({ fromMs: MINUTE_MS })],
  ['nobody trusts its authority', leaf({ authority: 'none' })],
])('a certificate is obtained at once where %s', (_, given) => {
  expect(isGood(given, 0)).toBe(false);
  expect(new RenewalPlan(0.9).dueInMs(given, 0)).toBe(0);
});

describe('a good certificate', () => {
  test('is renewed when it is a day old, on no two hosts at the same time', () => {
    const at = [0, 0.5, 0.999].map((share) => new RenewalPlan(share).dueInMs(leaf(), 0) / DAY_MS);
    expect(at[0]).toBeCloseTo(0.9);
    expect(at[1]).toBeCloseTo(1);
    expect(at[2]).toBeCloseTo(1.1);
  });

  test('leaves thirteen days for everything that renews it to come back', () => {
    const plan = new RenewalPlan(0.5);
    let nowMs = 0;
    for (let tries = 0; isGood(leaf(), nowMs); tries++) {
      nowMs += plan.dueInMs(leaf(), nowMs);
      plan.failed(leaf(), nowMs, 0.5);
      expect(tries).toBeLessThan(13 * 24 * 12);
    }
    expect(nowMs).toBeGreaterThanOrEqual(LEAF_MS);
    expect(plan.dueInMs(undefined, nowMs)).toBeLessThanOrEqual(10 * MINUTE_MS);
  });

  test('of a dying authority is renewed after a third of its life', () => {
    expect(new RenewalPlan(0.5).dueInMs(leaf({ untilMs: 3 * 3_600_000 }), 0)).toBeCloseTo(3_600_000);
  });

  test('of an older authority is renewed within ten minutes, at a time of its own', () => {
    const plan = new RenewalPlan(0.5);
    const older = leaf({ authority: 'other' });
    expect(plan.dueInMs(older, 1_000)).toBe(5 * MINUTE_MS);
    expect(plan.dueInMs(older, 1_000 + MINUTE_MS)).toBe(4 * MINUTE_MS);
    expect(plan.dueInMs(older, 1_000 + 6 * MINUTE_MS)).toBe(0);
    expect(plan.dueInMs(leaf({ fromMs: 7 * MINUTE_MS }), 7 * MINUTE_MS)).toBeGreaterThan(DAY_MS / 2);
  });
});

test('who has none asks again and again, ever more slowly but never seldom', () => {
  const plan = new RenewalPlan(0.5);
  const waits = Array.from({ length: 8 }, () => {
    plan.failed(undefined, 0, 0.5);
    return plan.dueInMs(undefined, 0);
  });
  expect(waits).toEqual([750, 1_500, 3_000, 3_750, 3_750, 3_750, 3_750, 3_750]);
  plan.succeeded();
  expect(plan.dueInMs(undefined, 0)).toBe(0);
});
