import { describe, expect, it } from '@jest/globals';
import { damp, type Damped, type DampedState, heldOffUntil, UNSEEN } from './damping.ts';
import { DEFAULT_DAMPING, type Damping } from './health-spec.ts';
import { monotonic } from './time.ts';

type Step = readonly [at: number, state: DampedState];
const run = (steps: readonly Step[], damping: Damping = DEFAULT_DAMPING): Damped =>
  steps.reduce((item, [at, state]) => damp(item, state, damping, monotonic(at)), UNSEEN);

describe('damping', () => {
  it('costs nothing the first time', () => {
    const item = run([
      [0, 'well'],
      [1_000, 'bad'],
      [2_000, 'well'],
    ]);
    expect(item).toMatchObject({ isBad: false, times: 1, soundSince: 2_000 });
  });

  it('holds off for base, then for twice as long each time, at most for max', () => {
    let item = UNSEEN;
    let at = 0;
    const waits: number[] = [];
    const damping = { baseMs: 10, maxMs: 45, windowMs: 1_000_000 };
    for (let round = 0; round < 6; round++) {
      item = damp(item, 'bad', damping, monotonic((at += 5)));
      item = damp(item, 'well', damping, monotonic((at += 5)));
      const until = heldOffUntil(item, damping) ?? at;
      waits.push(until - at);
      item = damp(item, 'well', damping, monotonic((at = until)));
      expect(item.isBad).toBe(false);
    }
    expect(waits).toEqual([0, 10, 20, 40, 45, 45]);
  });

  it('wants it to be well without a break', () => {
    const flips = [10, 11, 12, 13].map((second): Step => [second * 1_000, second % 2 === 0 ? 'bad' : 'well']);
    const item = run(flips);
    expect(item.times).toBe(2);
    expect(heldOffUntil(item, DEFAULT_DAMPING)).toBe(43_000);
    const later = damp(
      damp(item, 'bad', DEFAULT_DAMPING, monotonic(40_000)),
      'well',
      DEFAULT_DAMPING,
      monotonic(41_000),
    );
    expect(later).toMatchObject({ isBad: true, times: 2 });
    expect(heldOffUntil(later, DEFAULT_DAMPING)).toBe(71_000);
  });

  it('does not count time of which nobody can tell', () => {
    const item = run([
      [0, 'bad'],
      [1_000, 'well'],
      [2_000, 'bad'],
      [3_000, 'well'],
      [20_000, 'open'],
      [40_000, 'well'],
    ]);
    expect(item.isBad).toBe(true);
    expect(heldOffUntil(item, DEFAULT_DAMPING)).toBe(70_000);
  });

  it('costs four times base already the first time where nobody looks any more, and what is seen then counts', () => {
    const rested: Step[] = [
      [0, 'bad'],
      [1_000, 'unproven'],
    ];
    expect(heldOffUntil(run(rested), DEFAULT_DAMPING)).toBe(121_000);
    expect(run([...rested, [121_000, 'unproven']])).toMatchObject({ isBad: false, times: 1, soundSince: 121_000 });
    expect(run([...rested, [5_000, 'open'], [6_000, 'well']])).toMatchObject({ isBad: false, soundSince: 6_000 });
    const again = run([...rested, [121_000, 'well'], [140_000, 'bad'], [141_000, 'unproven']]);
    expect(heldOffUntil(again, DEFAULT_DAMPING)).toBe(381_000);
  });

  it('grows up to max and stays there, although max is as long as the window', () => {
    let item = UNSEEN;
    let at = 0;
    for (let round = 0; round < 12; round++) {
      item = damp(item, 'bad', DEFAULT_DAMPING, monotonic((at += 1_000)));
      item = damp(item, 'well', DEFAULT_DAMPING, monotonic((at += 1_000)));
      at = heldOffUntil(item, DEFAULT_DAMPING) ?? at;
    }
    expect(item.times).toBe(12);
    expect(heldOffUntil(item, DEFAULT_DAMPING)).toBe((item.wellSince ?? 0) + DEFAULT_DAMPING.maxMs);
  });

  it('forgets when the window has passed since its hold-off ended, and not while it goes on flapping', () => {
    const twice: Step[] = [
      [0, 'bad'],
      [1_000, 'well'],
      [2_000, 'bad'],
      [3_000, 'well'],
    ];
    expect(run([...twice, [33_000, 'well'], [633_000, 'bad']])).toMatchObject({ isBad: true, times: 1 });
    expect(run([...twice, [33_000, 'well'], [632_999, 'bad']])).toMatchObject({ isBad: true, times: 3 });
    const flapping = Array.from({ length: 900 }, (_, second): Step => [
      second * 1_000,
      second % 2 === 0 ? 'bad' : 'well',
    ]);
    expect(run([[0, 'well'], ...flapping])).toMatchObject({ isBad: true, times: 2 });
  });

  it('is off with base 0', () => {
    const off = { ...DEFAULT_DAMPING, baseMs: 0 };
    const item = run(
      Array.from({ length: 10 }, (_, i): Step => [i, i % 2 === 0 ? 'bad' : 'well']),
      off,
    );
    expect(item.isBad).toBe(false);
  });

  it('sees what the passing of time did between two looks', () => {
    const item = run([
      [0, 'bad'],
      [1_000, 'well'],
      [2_000, 'bad'],
      [3_000, 'well'],
      // Its hold-off ended at 33 s, although nobody looked then.
      [50_000, 'bad'],
    ]);
    expect(item).toMatchObject({ isBad: true, times: 3 });
  });

  it('is the same object where nothing changes', () => {
    const item = run([[0, 'well']]);
    expect(damp(item, 'well', DEFAULT_DAMPING, monotonic(5))).toBe(item);
    const bad = run([[0, 'bad']]);
    expect(damp(bad, 'bad', DEFAULT_DAMPING, monotonic(5))).toBe(bad);
  });
});
