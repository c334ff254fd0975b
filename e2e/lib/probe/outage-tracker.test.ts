import { describe, expect, it } from '@jest/globals';
import { flapsIn, OutageTracker } from './outage-tracker.ts';

const INTERVAL_MS = 5;

/** Probes at these times; those in `lost` get no answer. */
function track(
  times: readonly number[],
  lost: (atMs: number) => boolean,
  host: (atMs: number) => string = () => 'a',
): OutageTracker {
  const tracker = new OutageTracker(INTERVAL_MS);
  for (const atMs of times) {
    if (lost(atMs)) tracker.lost(atMs);
    else tracker.answered(atMs, host(atMs));
  }
  return tracker;
}
const every5 = (untilMs: number): number[] => Array.from({ length: untilMs / 5 + 1 }, (_, index) => index * 5);

describe('outages', () => {
  it('are none where every probe was answered, however late they were sent', () => {
    expect(track([0, 5, 10, 90, 95], () => false).outages(0)).toEqual([]);
  });

  it('last as long as the probes were lost', () => {
    const tracker = track(every5(500), (atMs) => atMs >= 100 && atMs < 300);
    expect(tracker.outages(0)).toEqual([
      { startedAtMs: 95, endedAtMs: 300, ms: 200, ownLatenessMs: 0, probesLost: 40 },
    ]);
  });

  it('do not contain time in which the prober slept at an edge, but tell it', () => {
    const times = [0, 5, 60, 65, 70, 110, 115];
    expect(track(times, (atMs) => atMs >= 60 && atMs <= 70).outages(0)).toEqual([
      { startedAtMs: 5, endedAtMs: 110, ms: 15, ownLatenessMs: 85, probesLost: 3 },
    ]);
  });

  it('contain time in which the prober slept between two lost probes', () => {
    const times = [0, 5, 10, 60, 65];
    expect(track(times, (atMs) => atMs === 10 || atMs === 60).outages(0)).toMatchObject([{ ms: 55, ownLatenessMs: 0 }]);
  });

  it('are told while they last, and from the first probe on', () => {
    const tracker = track(every5(50), () => true);
    expect(tracker.outages(0)).toEqual([{ startedAtMs: 0, ms: 45, ownLatenessMs: 0, probesLost: 11 }]);
  });

  it('that ended before are left out', () => {
    const tracker = track(every5(500), (atMs) => atMs === 100 || atMs === 400);
    expect(tracker.outages(200)).toMatchObject([{ startedAtMs: 395 }]);
    expect(tracker.outages(105)).toHaveLength(1);
    expect(tracker.outages(104)).toHaveLength(2);
  });
});

describe('hosts', () => {
  it('are told in runs', () => {
    const tracker = track(
      every5(100),
      () => false,
      (atMs) => (atMs < 50 ? 'a' : 'b'),
    );
    expect(tracker.hostRuns(0)).toEqual([
      { host: 'a', firstAtMs: 0, lastAtMs: 45, answers: 10 },
      { host: 'b', firstAtMs: 50, lastAtMs: 100, answers: 11 },
    ]);
    expect(tracker.hostRuns(46)).toMatchObject([{ host: 'b' }]);
  });

  it('flap where the first one is back soon', () => {
    const runs = track(
      every5(100),
      () => false,
      (atMs) => (atMs >= 50 && atMs < 60 ? 'b' : 'a'),
    ).hostRuns(0);
    expect(flapsIn(runs, 15)).toBe(1);
    expect(flapsIn(runs, 14)).toBe(0);
    expect(flapsIn(runs.slice(1), 15)).toBe(0);
  });
});
