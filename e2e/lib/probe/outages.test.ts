import { describe, expect, it } from '@jest/globals';
import { type AnsweredProbe, outagesOf } from './outages.ts';

/** Probes each 5 ms from 0 to 1000, all but those lost. */
const probes = (lost: (sentAt: number) => boolean): AnsweredProbe[] =>
  Array.from({ length: 201 }, (_, sequence) => ({ sequence, sentAt: sequence * 5, host: 'a' })).filter(
    (probe) => !lost(probe.sentAt),
  );
const LAST = { sequence: 200, sentAt: 1_000 };

describe('outages that a prober saw', () => {
  it('are none where every probe was answered', () => {
    expect(
      outagesOf(
        probes(() => false),
        0,
        LAST,
        5,
      ),
    ).toEqual({ longestMs: 0, firstAnsweredAt: 0 });
  });

  it('last from the first lost probe to the first answered one', () => {
    expect(
      outagesOf(
        probes((at) => at >= 300 && at < 500),
        0,
        LAST,
        5,
      ).longestMs,
    ).toBe(200);
  });

  it('are none where the prober itself was late', () => {
    const late = probes(() => false).map((probe) => ({
      ...probe,
      sentAt: probe.sentAt + (probe.sequence > 50 ? 400 : 0),
    }));
    expect(outagesOf(late, 0, { sequence: 200, sentAt: 1_400 }, 5).longestMs).toBe(0);
  });

  it('count only since the mark, also when they began before it', () => {
    const answered = probes((at) => at >= 100 && at < 500);
    expect(outagesOf(answered, 600, LAST, 5).longestMs).toBe(0);
    expect(outagesOf(answered, 400, LAST, 5)).toEqual({ longestMs: 100, firstAnsweredAt: 500 });
  });

  it('count to the end while nobody answers', () => {
    expect(
      outagesOf(
        probes((at) => at >= 700),
        0,
        LAST,
        5,
      ).longestMs,
    ).toBe(300);
    expect(outagesOf([], 0, LAST, 5)).toEqual({ longestMs: 1_000, firstAnsweredAt: undefined });
  });

  it('do not depend on the order of the answers', () => {
    expect(outagesOf(probes((at) => at >= 300 && at < 500).reverse(), 0, LAST, 5).longestMs).toBe(200);
  });
});
