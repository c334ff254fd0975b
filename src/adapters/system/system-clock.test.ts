import { hrtime } from 'node:process';
import { expect, test } from '@jest/globals';
import { systemClock } from './system-clock.ts';

const clock = systemClock;

test('now is CLOCK_MONOTONIC in milliseconds', () => {
  const before = Number(hrtime.bigint()) / 1e6;
  const now = clock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Number(hrtime.bigint()) / 1e6);
});

test('a timer never fires early, not even by a fraction of a millisecond', async () => {
  const lateness = await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      const ms = 1 + index / 7;
      const due = clock.now() + ms;
      return new Promise<number>((resolve) => {
        clock.after(ms, () => resolve(clock.now() - due));
      });
    }),
  );
  expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
});

test('a cancelled timer does not fire', async () => {
  const fired: string[] = [];
  clock.after(1, () => fired.push('cancelled'))();
  await new Promise<void>((resolve) => {
    clock.after(2, resolve);
  });
  expect(fired).toEqual([]);
});
