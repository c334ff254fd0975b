import { describe, expect, it } from '@jest/globals';
import { HolderTracker } from './holder-tracker.ts';
import { Lateness } from './lateness.ts';

function track(rounds: readonly [atMs: number, ...hosts: string[]][]): HolderTracker {
  const tracker = new HolderTracker(10);
  for (const [atMs, ...hosts] of rounds) tracker.round(atMs, hosts);
  return tracker;
}

describe('holders', () => {
  it('are one: no time with two or none', () => {
    expect(
      track([
        [0, 'a'],
        [10, 'a'],
        [20, 'b'],
      ]).holders(0),
    ).toEqual({
      twoHoldersMs: 0,
      noHolderMs: 0,
      before: [],
      runs: [
        { hosts: ['a'], firstAtMs: 0, lastAtMs: 10 },
        { hosts: ['b'], firstAtMs: 20, lastAtMs: 20 },
      ],
      now: ['b'],
    });
  });

  it('are two or none until the next round', () => {
    const tracker = track([[0, 'a'], [10, 'a', 'b'], [20, 'a', 'b'], [29, 'b'], [40], [50, 'b']]);
    expect(tracker.holders(0)).toMatchObject({ twoHoldersMs: 19, noHolderMs: 10 });
  });

  it('count no more than one interval of a round that took long', () => {
    expect(track([[0, 'a', 'b'], [100, 'a'], [110], [300, 'a']]).holders(0)).toMatchObject({
      twoHoldersMs: 10,
      noHolderMs: 10,
    });
  });

  it('change from one pair to another without a gap', () => {
    expect(
      track([
        [0, 'a', 'b'],
        [10, 'b', 'c'],
        [20, 'c'],
      ]).holders(0).twoHoldersMs,
    ).toBe(20);
  });

  it('are told since a moment', () => {
    const tracker = track([
      [0, 'a', 'b'],
      [10, 'a', 'b'],
      [20, 'a', 'b'],
      [30, 'a'],
    ]);
    expect(tracker.holders(20).twoHoldersMs).toBe(10);
    expect(tracker.holders(21).twoHoldersMs).toBe(0);
    expect([20, 30, 31].map((sinceMs) => tracker.holders(sinceMs).before)).toEqual([['a', 'b'], ['a', 'b'], ['a']]);
    expect(new HolderTracker(10).holders(0)).toMatchObject({ twoHoldersMs: 0, noHolderMs: 0, now: [] });
  });
});

describe('own lateness', () => {
  it('is what exceeds the interval and the grain of the timer', () => {
    const lateness = new Lateness(10);
    for (const atMs of [0, 10, 21, 51, 61, 76]) lateness.tick(atMs);
    expect(lateness.since(0)).toEqual({ longestMs: 20, totalMs: 25 });
    expect(lateness.since(51)).toEqual({ longestMs: 5, totalMs: 5 });
    expect(lateness.since(76)).toEqual({ longestMs: 0, totalMs: 0 });
  });
});
