import { expect, test } from '@jest/globals';
import { pauseAfter } from './supervisor.ts';

test('an agent that dies now and then is back at once', () => {
  expect(pauseAfter([1_000])).toBe(0);
  expect(pauseAfter([1_000, 20_000, 40_000, 60_000, 80_000, 100_000, 120_000])).toBe(0);
});

test('one that cannot live is tried less and less often, and never given up', () => {
  const deaths = Array.from({ length: 30 }, (_, index) => 1_000 + index);
  expect([5, 6, 7, 8, 30].map((count) => pauseAfter(deaths.slice(0, count)))).toEqual([0, 100, 200, 400, 5_000]);
});

test('a good time in between forgives', () => {
  const deaths = Array.from({ length: 6 }, (_, index) => 1_000 + index);
  expect(pauseAfter([...deaths, 60_000])).toBe(0);
});
