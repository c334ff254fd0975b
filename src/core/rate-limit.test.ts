import { expect, test } from '@jest/globals';
import { monotonic } from './time.ts';
import { RateLimit } from './rate-limit.ts';

const at = monotonic;

test('a burst, then as much as time brings', () => {
  const limit = new RateLimit({ burst: 3, perSecond: 10 });
  expect([1, 2, 3, 4].map(() => limit.take(at(5_000)))).toEqual([true, true, true, false]);
  expect(limit.take(at(5_099))).toBe(false);
  expect(limit.take(at(5_101))).toBe(true);
  expect(limit.take(at(5_102))).toBe(false);
});

test('what costs more needs more room, and nothing is taken where there is too little', () => {
  const limit = new RateLimit({ burst: 10, perSecond: 1 });
  expect(limit.take(at(0), 8)).toBe(true);
  expect(limit.take(at(0), 3)).toBe(false);
  expect(limit.take(at(0), 2)).toBe(true);
});

test('never more than a burst is saved up', () => {
  const limit = new RateLimit({ burst: 2, perSecond: 10 });
  limit.take(at(0), 2);
  expect(limit.isFull(at(150))).toBe(false);
  expect(limit.isFull(at(200))).toBe(true);
  expect(limit.take(at(1e9), 3)).toBe(false);
});
