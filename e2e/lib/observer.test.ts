import { expect, it } from '@jest/globals';
import { Seen } from './observer.ts';
import { HolderTracker } from './probe/holder-tracker.ts';

const VIP = '192.0.2.10';

/** A round with these hosts began at each time. */
function seenSince(sinceMs: number, rounds: readonly [atMs: number, ...hosts: string[]][]): Seen {
  const tracker = new HolderTracker(10);
  for (const [atMs, ...hosts] of rounds) tracker.round(atMs, hosts);
  const all = { sinceMs, untilMs: 1_000, ownLateness: { longestMs: 0, totalMs: 0 } };
  return new Seen({ ...all, vips: {} }, { ...all, vips: { [VIP]: tracker.holders(sinceMs) } }, 100);
}

it('counts a move away also where no round began between the mark and the move', () => {
  const rounds: [number, ...string[]][] = [[0, 'a'], [10, 'a'], [45], [55, 'b'], [65, 'b'], [75, 'a']];
  expect([5, 12, 50].map((mark) => seenSince(mark, rounds).moves)).toEqual([2, 2, 1]);
});

it('counts no move that was over at the mark', () => {
  const rounds: [number, ...string[]][] = [
    [0, 'a'],
    [10, 'b'],
    [20, 'b'],
  ];
  expect([5, 11, 15, 25].map((mark) => seenSince(mark, rounds).movesOf(VIP))).toEqual([1, 0, 0, 0]);
  expect(seenSince(0, rounds).movesOf('192.0.2.11')).toBe(0);
});
