import { expect, it } from '@jest/globals';
import { Seen } from './observer.ts';
import { HolderTracker } from './probe/holder-tracker.ts';
import { OutageTracker } from './probe/outage-tracker.ts';

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

it('logs each time without an answer, whichever VIP it was, from the beginning of the log', () => {
  const probed = (lost: readonly number[]) => {
    const tracker = new OutageTracker(10);
    for (let atMs = 0; atMs < 1_000; atMs += 10) {
      if (lost.includes(atMs)) tracker.lost(atMs);
      else tracker.answered(atMs, 'a');
    }
    const hosts = tracker.hostRuns(100);
    return { outages: tracker.outages(100), longestOutageMs: 0, outageMs: 0, hosts, flaps: 0, lateAnswers: 0 };
  };
  const all = { sinceMs: 100, untilMs: 1_000, ownLateness: { longestMs: 3, totalMs: 3 } };
  const vips = { [VIP]: probed([50, 500, 510]), '192.0.2.11': probed([300]) };
  expect(new Seen({ ...all, vips }, { ...all, vips: {} }, 100).log).toEqual({
    ms: 900,
    vips: 2,
    lost: 3,
    latenessMs: 3,
    gaps: [
      { vip: '192.0.2.11', atMs: 190, ms: 10 },
      { vip: VIP, atMs: 390, ms: 20 },
    ],
  });
});
