import { expect, it } from '@jest/globals';
import { allRuns, NAMED } from './runs.ts';

it('every configuration that is named exists', () => {
  const existing = allRuns().map(({ config }) => config);
  expect(NAMED.filter((config) => !existing.includes(config))).toEqual([]);
});

it('nothing that must end with a violation may be stopped, and nothing quick', () => {
  const wrong = allRuns().filter(({ bounded, quick, config }) => bounded && (quick || /-(mut|sane)-/.test(config)));
  expect(wrong).toEqual([]);
});
