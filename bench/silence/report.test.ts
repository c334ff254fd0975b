import { describe, expect, test } from '@jest/globals';
import { silenceReport, silenceText, verdictOf } from './report.ts';

describe('the verdict on one trial', () => {
  test.each([
    ['kept', 0, 304, 305],
    ['unseen', 0, 304, 305.1],
    ['unseen', 0, 150, 400],
    ['broken', 0, 305.1, 306],
    ['kept', 50, 304, 305],
    ['unseen', 7, 312, 313],
    ['broken', 7, 312.1, 313],
  ] as const)('%s: a signal of %d ms, answered for %d ms, silent from %d ms on', (...trial) => {
    const [verdict, signalMs, answeredForMs, silentFromMs] = trial;
    expect(verdictOf({ signalMs, answeredForMs, silentFromMs }, 300)).toBe(verdict);
  });
});

describe('the report on many', () => {
  const report = silenceReport({
    profile: 'Fast',
    signal: 'SIGKILL',
    leaseMs: 300,
    seen: [
      { signalMs: 0, answeredForMs: 260, silentFromMs: 261.004 },
      { signalMs: 0, answeredForMs: 290, silentFromMs: 294 },
      { signalMs: 0, answeredForMs: 310, silentFromMs: 311 },
    ],
    unseen: 1,
    idle: 1,
  });

  test('counts, and keeps the worst', () => {
    expect(report).toMatchObject({
      trials: 3,
      withinBound: 2,
      silentFromMs: { median: 294, min: 261, max: 311 },
      answeredForMaxMs: 310,
      resolutionMs: 4,
    });
    expect(report.histogram.map(({ count }) => count)).toEqual([1, 0, 1, 0, 1]);
  });

  test('as text tells how many were repeated', () => {
    expect(silenceText([report])).toContain('silent within 305 ms in 2 of 3, repeated 2');
  });
});
