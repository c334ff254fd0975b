/** Scenarios of pools with rules and tasks. */
import { TIMING_PROFILES, type TimingProfile } from '../../core/timing.ts';
import type { SeededRandom } from './random.ts';
import { drawRoles } from './role-episodes.ts';
import { drawRules } from './rule-episodes.ts';
import { type Rule, ruledPools, RULES } from './rule-pools.ts';
import type { Scenario } from './scenarios.ts';
import type { PoolSetup, Setup } from './setup.ts';
import { drawTasks } from './task-episodes.ts';

const MOVABLE: readonly Rule[] = ['plain', 'plain', 'weights', 'limit', 'together', 'homes', 'zones'];

/** Nothing outlives a lease here: what is looked at is where VIPs are. */
function setupOf(
  random: SeededRandom,
  profile: TimingProfile = random.pick(['Default', 'Fast'] as const),
  rules: readonly Rule[],
  failback: readonly PoolSetup['failback'][],
): Setup {
  const world = { hosts: random.pick([3, 4, 4]), shared: random.chance(0.6) };
  return {
    ...world,
    controllers: 3,
    profile,
    timing: TIMING_PROFILES[profile],
    pools: ruledPools(random, world, rules, failback),
    remembering: random.between(0, 7),
    drift: random.chance(0.7) ? 'extreme' : 'any',
    doubled: random.chance(0.5) ? 0.01 : 0,
    filtering: 0,
    failbackDelayMs: random.pick([300, 1_000]),
    hasRules: true,
  };
}

export const RULED_SCENARIOS: readonly Scenario[] = [
  {
    name: 'rules',
    about: 'pools with rules of placement, checks and policies of failback; hosts, services and rules that change',
    weight: 2,
    setup: (random, profile) => setupOf(random, profile, RULES, ['Automatic', 'Automatic', 'Manual', 'Never']),
    faults: {},
    count: [0, 0],
    draw: drawRules,
  },
  {
    name: 'roles',
    about: 'pools that follow a check which passes on several hosts, and on some of them again and again',
    weight: 1,
    setup: (random, profile) => setupOf(random, profile, ['role'], ['Automatic']),
    faults: {},
    count: [0, 0],
    draw: drawRoles,
  },
  {
    name: 'tasks',
    about: 'tasks that move VIPs and bring them home, while masters, hosts and rules change',
    weight: 1,
    setup: (random, profile) => setupOf(random, profile, MOVABLE, ['Automatic', 'Manual', 'Never']),
    faults: {},
    count: [0, 0],
    draw: drawTasks,
  },
];
