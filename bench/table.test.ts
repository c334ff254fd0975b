import { expect, it } from '@jest/globals';
import { atLeast, atMost, cellsOf, isKept } from './table.ts';

const row = { name: 'placement, full', unit: 'ms', runs: 5 };

it('judges a median by what is promised of it, and nothing where nothing is', () => {
  expect(isKept({ value: 50, bound: atMost(50) })).toBe(true);
  expect(isKept({ value: 50.01, bound: atMost(50) })).toBe(false);
  expect(isKept({ value: 2_000, bound: atLeast(2_000) })).toBe(true);
  expect(isKept({ value: 1_999, bound: atLeast(2_000) })).toBe(false);
  expect(isKept({ value: 1 })).toBeUndefined();
});

it('shows the promise beside the median', () => {
  expect(cellsOf({ ...row, value: 51, bound: atMost(50) }).slice(4)).toEqual(['at most 50', 'BROKEN']);
  expect(cellsOf({ ...row, value: 20, bound: atMost(50) }).slice(4)).toEqual(['at most 50', 'kept']);
  expect(cellsOf({ ...row, value: 20 })).toEqual(['placement, full', '20', 'ms', '5', '', '']);
});
