import { describe, expect, test } from '@jest/globals';
import { silenceReport, silenceText, verdictOf } from './report.ts';

describe('the verdict on one trial', () => {
  test.each([
    ['kept', 304, 305],
    ['unseen', 304, 305.1],
    ['unseen', 150, 400],
    ['broken', 305.1, 306],
  ] as const)('%s: answered for %d ms, silent from %d ms on', (verdict, answeredForMs, silentFromMs) => {
    expect(verdictOf({ answeredForMs, silentFromMs }, 300)).toBe(verdict);
  });
});

describe('the report on many', () => {
  const report = silenceReport({
    profile: 'Fast',
    signal: 'SIGKILL',
    leaseMs: 300,
    seen: [
      { answeredForMs: 260, silentFromMs: 261.004 },
      { answeredForMs: 290, silentFromMs: 294 },
      { answeredForMs: 310, silentFromMs: 311 },
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
