import { expect, it } from '@jest/globals';
import { TIMING_PROFILES, type TimingProfile, unfencedLifetimeMs } from './timing.ts';

it.each<[TimingProfile, number, number]>([
  ['Turbo', 30_000, 2_000],
  ['Fast', 30_000, 2_000],
  ['Default', 30_000, 2_000],
  ['Relaxed', 30_000, 8_000],
  ['Relaxed', 6_000, 6_000],
])('without a fence addresses of %s with --address-lifetime of %d ms live for %d ms', (profile, configured, lives) => {
  expect(unfencedLifetimeMs(configured, TIMING_PROFILES[profile])).toBe(lives);
});

it('gives a lease of any length time for another refresh, in whole seconds', () => {
  for (const leaseMs of [50, 999, 1_334, 2_000, 7_001]) {
    const lives = unfencedLifetimeMs(600_000, { ...TIMING_PROFILES.Default, leaseMs });
    expect(lives % 1_000).toBe(0);
    expect(lives).toBeGreaterThanOrEqual(1.5 * leaseMs);
    expect(lives).toBeLessThan(Math.max(2_000, 1.5 * leaseMs) + 1_000);
  }
});
