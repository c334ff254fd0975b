import { describe, expect, it } from '@jest/globals';
import { reachedBy } from './reached-by.ts';
import { monotonic } from './time.ts';

const times = (...values: number[]) => new Map(values.map((value, index) => [index, monotonic(value)]));

describe('the newest time that enough have reached', () => {
  it('is the second newest of three for two', () => {
    expect(reachedBy(times(10, 30, 20), 2)).toBe(20);
  });

  it('is a time that several share', () => {
    expect(reachedBy(times(10, 30, 30, 5, 30), 3)).toBe(30);
    expect(reachedBy(times(10, 30, 30, 5, 30), 4)).toBe(10);
  });

  it('is the newest one for one', () => {
    expect(reachedBy(times(10, 30, 20), 1)).toBe(30);
  });

  it('is none where there are fewer', () => {
    expect(reachedBy(times(10), 2)).toBeUndefined();
    expect(reachedBy(times(), 1)).toBeUndefined();
  });
});
