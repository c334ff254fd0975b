import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fenceTimes, stepFor } from './ladder.ts';

const jiffies = fc.constantFrom(1, 10 / 3, 4, 10);
const leases = fc.integer({ min: 60, max: 60_000 });

describe('the ladder of timeouts', () => {
  test('has 20 steps of a twentieth of the lease, in whole jiffies', () => {
    expect(fenceTimes(1_000, 4)).toEqual({
      jiffyMs: 4,
      guardMs: 20,
      stepsMs: [48, 100, 148, 200, 248, 300, 348, 400, 448, 500, 548, 600, 648, 700, 748, 800, 848, 900, 948, 1_000],
    });
    expect(fenceTimes(1_000, 1).stepsMs.slice(0, 3)).toEqual([50, 100, 150]);
  });

  test.each([
    [1_000, 4, 20, 948],
    [300, 4, 20, 268],
    [100, 4, 8, 84],
    [100, 1, 10, 85],
    [100, 10, 20, 60],
  ])(
    'a lease of %d ms with jiffies of %d ms: guard %d ms, and %d ms of it can be used',
    (lease, jiffy, guard, used) => {
      const times = fenceTimes(lease, jiffy);
      expect(times.guardMs).toBe(guard);
      // The answer to a heartbeat takes a moment.
      const step = stepFor(times, lease - 1);
      expect(step && times.stepsMs[step - 1]).toBe(used);
    },
  );

  test('never ends too late, even where the datagram comes at the end of the guard and the tick is late', () => {
    fc.assert(
      fc.property(
        jiffies,
        leases,
        fc.double({ min: -100, max: 60_000, noNaN: true }),
        (jiffyMs, leaseMs, remainingMs) => {
          const times = fenceTimes(leaseMs, jiffyMs);
          const step = stepFor(times, remainingMs);
          if (step === undefined) return;
          const timeoutMs = times.stepsMs[step - 1] ?? Number.NaN;
          expect(times.guardMs + times.jiffyMs + timeoutMs).toBeLessThanOrEqual(remainingMs);
        },
      ),
    );
  });

  test('wastes no more than one step', () => {
    fc.assert(
      fc.property(jiffies, leases, fc.double({ min: 0, max: 1, noNaN: true }), (jiffyMs, leaseMs, share) => {
        const times = fenceTimes(leaseMs, jiffyMs);
        const remainingMs = share * leaseMs;
        const usableMs = remainingMs - times.guardMs - jiffyMs;
        const step = stepFor(times, remainingMs);
        const given = step === undefined ? 0 : (times.stepsMs[step - 1] ?? Number.NaN);
        expect(usableMs - given).toBeLessThanOrEqual(leaseMs / 20 + jiffyMs);
      }),
    );
  });

  test('is made of timeouts that the kernel can tell apart', () => {
    fc.assert(
      fc.property(jiffies, leases, (jiffyMs, leaseMs) => {
        const { stepsMs, guardMs } = fenceTimes(leaseMs, jiffyMs);
        expect(stepsMs.length).toBeLessThanOrEqual(20);
        expect(guardMs).toBeGreaterThanOrEqual(2 * jiffyMs - 1e-6);
        for (const [index, ms] of stepsMs.entries()) expect(ms).toBeGreaterThan(stepsMs[index - 1] ?? 0);
      }),
    );
  });
});
