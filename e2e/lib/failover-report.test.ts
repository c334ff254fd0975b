import { describe, expect, it } from '@jest/globals';
import { spread } from './failover-report.ts';

describe('a spread', () => {
  it.each([
    [[7], { median: 7, min: 7, max: 7 }],
    [[9, 1, 5], { median: 5, min: 1, max: 9 }],
    [[10, 2, 4, 1], { median: 3, min: 1, max: 10 }],
    [[0.04, 0.26], { median: 0.1, min: 0, max: 0.3 }],
  ])('of %j is %j', (values, expected) => {
    expect(spread(values)).toEqual(expected);
  });

  it('of nothing does not exist', () => {
    expect(() => spread([])).toThrow(RangeError);
  });
});
