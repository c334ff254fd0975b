import { formatDuration } from '../../core/time.ts';
import { TAKEOVER_BOUNDS_MS, type Timing, TIMING_PROFILES, type TimingProfile } from '../../core/timing.ts';
import { timingProblems } from '../../core/timing-rules.ts';
import { absent, text, type Contradiction, type Option, type OptionTable } from '../option.ts';
import { duration, oneOf } from '../values/scalars.ts';

/** How fast a lost host is noticed: a profile, of which single values may be replaced. */
export type TimingOptions = { readonly timing: TimingProfile } & {
  readonly [Value in keyof Timing]: number | undefined;
};

/** The values that hold. */
export const effectiveTiming = (options: TimingOptions): Timing => {
  const profile = TIMING_PROFILES[options.timing];
  return {
    heartbeatMs: options.heartbeatMs ?? profile.heartbeatMs,
    leaseMs: options.leaseMs ?? profile.leaseMs,
    marginMs: options.marginMs ?? profile.marginMs,
    leaderLeaseMs: options.leaderLeaseMs ?? profile.leaderLeaseMs,
  };
};

const ofProfile = (value: keyof Timing): Option<number | undefined>['default'] =>
  absent(
    `that of --timing: ${Object.entries(TIMING_PROFILES)
      .map(([name, timing]) => `${name} ${formatDuration(timing[value])}`)
      .join(', ')}`,
  );

const within = (profile: TimingProfile): string => `${TAKEOVER_BOUNDS_MS[profile] / 1_000} s`;

export const TIMING: OptionTable<TimingOptions> = {
  timing: {
    flag: 'timing',
    type: oneOf(['Default', 'Fast', 'Turbo', 'Relaxed']),
    default: text('Default'),
    meaning:
      `How fast a lost host is replaced: Default within ${within('Default')}, Fast ${within('Fast')}, Turbo ` +
      `${within('Turbo')} (needs real-time scheduling and a quiet management network), Relaxed ${within('Relaxed')}. The ` +
      'same on all controllers and agents.',
  },
  heartbeatMs: {
    flag: 'heartbeat-interval',
    type: duration({ minMs: 10, maxMs: 60_000 }),
    default: ofProfile('heartbeatMs'),
    meaning:
      'Time between two heartbeats of an agent. At most a third of the lease, so that two lost heartbeats do no harm. ' +
      'The same on all controllers and agents.',
  },
  leaseMs: {
    flag: 'lease-duration',
    type: duration({ minMs: 50, maxMs: 600_000 }),
    default: ofProfile('leaseMs'),
    meaning:
      'How long an agent may hold its VIPs after the last heartbeat that the controllers acknowledged. Shorter: a ' +
      'lost host is replaced sooner. Longer: more patience with a slow network. The same on all controllers and agents.',
  },
  marginMs: {
    flag: 'lease-margin',
    type: duration({ minMs: 5, maxMs: 60_000 }),
    default: ofProfile('marginMs'),
    meaning:
      "Time that is added to every wait for the end of somebody else's lease or promise; covers scheduling delays and " +
      'clocks that run at different rates. The same on all controllers and agents.',
  },
  leaderLeaseMs: {
    flag: 'leader-lease',
    type: duration({ minMs: 20, maxMs: 300_000 }),
    default: ofProfile('leaderLeaseMs'),
    meaning:
      'How long the controllers promise to follow a master after each of its beats, which come five times as often. At ' +
      'most half of the lease. The same on all controllers.',
  },
};

/** What the durations must satisfy together. Checks only what is there. */
export function timingContradictions(config: Partial<TimingOptions>): readonly Contradiction[] {
  const { timing } = config;
  if (timing === undefined) return [];
  return timingProblems(effectiveTiming({ ...NO_VALUES, ...config, timing })).map(({ value, message }) => ({
    flag: TIMING[value].flag,
    message,
  }));
}

const NO_VALUES = { heartbeatMs: undefined, leaseMs: undefined, marginMs: undefined, leaderLeaseMs: undefined };
