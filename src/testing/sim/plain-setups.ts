/** Worlds whose pools have neither rules nor checks. */
import { TIMING_PROFILES, type TimingProfile } from '../../core/timing.ts';
import type { SeededRandom } from './random.ts';
import type { PoolSetup, Setup } from './setup.ts';

/** Pools that nothing is asked of but a holder. */
export const pools = (
  random: SeededRandom,
  onQuorumLoss: readonly PoolSetup['onQuorumLoss'][],
  count: number,
): PoolSetup[] =>
  Array.from({ length: count }, (_, pool) => ({
    name: `pool-${pool + 1}`,
    vips: Array.from({ length: random.between(2, 5) }, (_unused, vip) => `192.0.2.${pool * 20 + vip + 1}`),
    onQuorumLoss: random.pick(onQuorumLoss),
    failback: 'Automatic',
  }));

/** Three controllers, five hosts; everything else is drawn. */
export function setupOf(random: SeededRandom, over: Partial<Setup> & { readonly profile: TimingProfile }): Setup {
  return {
    controllers: 3,
    hosts: 5,
    shared: random.chance(0.7),
    timing: TIMING_PROFILES[over.profile],
    pools: pools(random, ['Release', 'Hold'], random.between(1, 2)),
    remembering: random.between(0, 7),
    drift: random.chance(0.7) ? 'extreme' : 'any',
    doubled: random.chance(0.5) ? 0.01 : 0,
    filtering: 0,
    failbackDelayMs: 2_000,
    ...over,
  };
}

/** Three hosts, controllers on machines of their own, pools that promise one holder whatever happens. */
export const aimed = (random: SeededRandom, over: Partial<Setup> & { readonly profile: TimingProfile }): Setup =>
  setupOf(random, { hosts: 3, shared: false, pools: pools(random, ['Release'], random.between(1, 2)), ...over });

/** Four or five hosts, controllers on machines of their own that remember all or nothing, pools that hold without a quorum. */
export const holding = (random: SeededRandom, profile: TimingProfile = 'Default'): Setup =>
  setupOf(random, {
    profile,
    hosts: random.pick([4, 5, 5]),
    shared: false,
    pools: pools(random, ['Hold'], random.between(1, 2)),
    remembering: random.pick([0, 7]),
    doubled: random.pick([0, 0.01, 0.1]),
  });

/** Five controllers, of which some are members at first. */
export const changingSetup = (random: SeededRandom, profile: TimingProfile = 'Default'): Setup =>
  fiveControllers(random, profile, random.pick([1, 1, 3, 3, 3, 5]));

/** The same, and there can be fewer. */
export const shrinkingSetup = (random: SeededRandom, profile: TimingProfile = 'Default'): Setup =>
  fiveControllers(random, profile, random.pick([3, 5]));

const fiveControllers = (random: SeededRandom, profile: TimingProfile, members: number): Setup =>
  setupOf(random, {
    profile,
    controllers: 5,
    members,
    hosts: 3,
    shared: false,
    remembering: random.pick([31, 31, 0, random.between(0, 31)]),
  });
