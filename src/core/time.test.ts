import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './time.ts';

describe('durations', () => {
  it.each([
    ['200ms', 200],
    ['1s', 1_000],
    ['1.5s', 1_500],
    ['1m30s', 90_000],
    ['1.001s', 1_001],
    ['10.25ms', 10.25],
    ['2h', 7_200_000],
    ['0', 0],
    ['0s', 0],
  ])('reads %s as %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '1', 's', '-1s', '1 s', '1d', '1S', '.5s', '1s2'])('refuses %j', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it('reads back what it writes', () => {
    fc.assert(fc.property(fc.nat(), (ms) => expect(parseDuration(formatDuration(ms))).toBe(ms)));
  });
});
