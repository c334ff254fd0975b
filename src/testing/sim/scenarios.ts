/** Mixes of worlds and faults; each puts weight on another part of the protocol. */
import type { TimingProfile } from '../../core/timing.ts';
import type { Action, ActionKind } from './actions.ts';
import { drawBlackouts } from './blackouts.ts';
import { drawBursts } from './bursts.ts';
import { drawCutOffs } from './cut-offs.ts';
import { drawDeafness } from './deafness.ts';
import { drawElections } from './elections.ts';
import { drawElectorateHeirs, drawElectorateLosses, drawElectorates } from './electorates.ts';
import { drawFlaps } from './flap-episodes.ts';
import { checkedPools, drawHealth } from './health-episodes.ts';
import { drawHolders, holderPools } from './holder-episodes.ts';
import { drawHolds } from './holds.ts';
import { drawLeftovers } from './leftovers.ts';
import { drawLosses } from './losses.ts';
import { drawPhases } from './phases.ts';
import { drawHoldMembers } from './member-episodes.ts';
import { aimed, changingSetup, holding, pools, setupOf, shrinkingSetup } from './plain-setups.ts';
import { drawNewcomers } from './newcomers.ts';
import type { SeededRandom } from './random.ts';
import { drawRelays } from './relays.ts';
import { RULED_SCENARIOS } from './ruled-scenarios.ts';
import type { Setup } from './setup.ts';
import { drawService } from './service-faults.ts';
import { drawStrangers } from './strangers.ts';
import { drawSuccessions } from './successions.ts';
import { drawVoters } from './voters.ts';

/** Faults lie in this span; after it everything is mended. */
export const FIRST_FAULT_MS = 3_000;
export const HEALED_MS = 20_000;
export const END_MS = 30_000;

export interface Scenario {
  readonly name: string;
  /** For people: what it looks for. */
  readonly about: string;
  /** How often it is drawn where none is asked for. */
  readonly weight: number;
  readonly setup: (random: SeededRandom, profile: TimingProfile | undefined) => Setup;
  readonly faults: Readonly<Partial<Record<ActionKind, number>>>;
  /** Number of faults: at least, at most. */
  readonly count: readonly [number, number];
  /** Draws the schedule as a whole, instead of faults one by one. */
  readonly draw?: (random: SeededRandom, setup: Setup, from: number, until: number) => Action[];
}

const EVERYTHING: Scenario['faults'] = {
  power: 3,
  killAgent: 3,
  killController: 3,
  freezeAgent: 4,
  freezeController: 3,
  cut: 6,
  lossy: 2,
  slow: 2,
  storeDown: 1,
  storeCut: 1,
  sourceDown: 1,
  sourceCut: 1,
  carrier: 1,
  loseAddress: 1,
  stopAgent: 1,
  stopController: 1,
  resign: 1,
  addVip: 1,
  removeVip: 1,
  home: 1,
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'general',
    about: 'every fault, three controllers, five hosts',
    weight: 5,
    setup: (random, profile = 'Default') => setupOf(random, { profile }),
    faults: EVERYTHING,
    count: [3, 10],
  },
  {
    name: 'masters',
    about: 'changes of master together with lost memory',
    weight: 3,
    setup: (random, profile = 'Default') => setupOf(random, { profile, remembering: random.between(0, 3) }),
    faults: {
      power: 3,
      killController: 8,
      freezeController: 6,
      cut: 8,
      slow: 2,
      resign: 3,
      freezeAgent: 2,
      killAgent: 2,
    },
    count: [5, 14],
  },
  {
    name: 'quiet',
    about: 'few faults with time between them: nothing else may move',
    weight: 2,
    setup: (random, profile = 'Default') => setupOf(random, { profile }),
    faults: EVERYTHING,
    count: [1, 2],
  },
  {
    name: 'hold',
    about: 'pools that hold without a quorum, edited meanwhile',
    weight: 2,
    setup: (random, profile = 'Default') =>
      setupOf(random, { profile, pools: pools(random, ['Hold'], random.between(1, 2)) }),
    faults: { cut: 10, power: 3, killAgent: 4, killController: 4, freezeAgent: 3, addVip: 2, removeVip: 2 },
    count: [3, 10],
  },
  {
    name: 'holds',
    about: 'hosts that peers confirm although the controllers hear these: bars, lost memories, gaps in leases',
    weight: 2,
    setup: holding,
    faults: {},
    count: [0, 0],
    draw: drawHolds,
  },
  {
    name: 'blackouts',
    about: 'the management network fails as a whole and comes back, with and without one host that is dead meanwhile',
    weight: 1,
    setup: (random, profile = 'Default') =>
      setupOf(random, {
        profile,
        hosts: random.pick([3, 4, 5, 5]),
        pools: pools(random, ['Hold'], random.between(1, 2)),
      }),
    faults: {},
    count: [0, 0],
    draw: drawBlackouts,
  },
  {
    name: 'cut-offs',
    about:
      'no host reaches a controller for a while, and pools that hold go on: what a master takes back and what it gives away',
    weight: 1,
    setup: (random, profile = 'Default') =>
      setupOf(random, {
        profile,
        controllers: random.pick([1, 2, 3, 3]),
        hosts: random.pick([3, 4, 5]),
        shared: false,
        pools: pools(random, ['Hold'], random.between(1, 2)),
        remembering: random.pick([0, 7]),
      }),
    faults: {},
    count: [0, 0],
    draw: drawCutOffs,
  },
  {
    name: 'tables',
    about: 'hosts that only some controllers hear, links that carry one way, controllers that forget',
    weight: 3,
    setup: (random, profile = 'Default') => aimed(random, { profile, remembering: random.pick([0, 0, 1, 3]) }),
    faults: {},
    count: [0, 0],
    draw: drawPhases,
  },
  {
    name: 'bursts',
    about: 'agents that are held up or die in the middle of a step, again and again',
    weight: 2,
    setup: (random, profile = 'Default') => aimed(random, { profile, shared: random.chance(0.5), doubled: 0.02 }),
    faults: {},
    count: [0, 0],
    draw: drawBursts,
  },
  {
    name: 'relays',
    about: 'hosts that keep their lease by changing majorities, controllers that forget, reports that are late',
    weight: 1,
    setup: (random, profile = 'Default') => aimed(random, { profile, remembering: random.pick([0, 0, 7]) }),
    faults: {},
    count: [0, 0],
    draw: drawRelays,
  },
  {
    name: 'newcomers',
    about: 'masters that know little: of hosts that they have never heard, or only while these held nothing',
    weight: 1,
    setup: (random, profile = 'Default') => aimed(random, { profile, remembering: random.pick([0, 0, 7]) }),
    faults: {},
    count: [0, 0],
    draw: drawNewcomers,
  },
  {
    name: 'elections',
    about: 'elections close together, winners that are held up, voters that forget',
    weight: 2,
    setup: (random, profile = 'Default') => aimed(random, { profile, remembering: random.pick([0, 0, 7]) }),
    faults: {},
    count: [0, 0],
    draw: drawElections,
  },
  {
    name: 'voters',
    about: 'voters that forget in the middle of an election',
    weight: 1,
    setup: (random, profile = 'Default') => aimed(random, { profile, remembering: 0 }),
    faults: {},
    count: [0, 0],
    draw: drawVoters,
  },
  {
    name: 'leftovers',
    about: 'assignments that turn up again at another life, in another lease, under another master',
    weight: 2,
    setup: (random, profile = 'Default') => aimed(random, { profile, doubled: 0.1 }),
    faults: {},
    count: [0, 0],
    draw: drawLeftovers,
  },
  {
    name: 'losses',
    about: 'hosts that are lost for good while leases, masters and memories change',
    weight: 2,
    setup: (random, profile = 'Default') => setupOf(random, { profile, hosts: random.pick([3, 5]) }),
    faults: {},
    count: [0, 0],
    draw: drawLosses,
  },
  {
    name: 'deaf',
    about: 'a controller and a host that do not hear each other until the end, and hosts that are lost meanwhile',
    weight: 1,
    setup: (random, profile) =>
      setupOf(random, {
        profile: profile ?? random.pick(['Default', 'Fast'] as const),
        hosts: random.pick([3, 4, 5]),
        shared: false,
      }),
    faults: {},
    count: [0, 0],
    draw: drawDeafness,
  },
  {
    name: 'strangers',
    about: 'controllers and agents that are configured with other controllers, or as another node',
    weight: 1,
    setup: (random, profile = 'Default') => aimed(random, { profile, controllers: random.pick([3, 5, 5]) }),
    faults: {},
    count: [0, 0],
    draw: drawStrangers,
  },
  {
    name: 'electorate',
    about: 'the number of controllers changes, or one is replaced',
    weight: 1,
    setup: changingSetup,
    faults: {},
    count: [0, 0],
    draw: drawElectorates,
  },
  {
    name: 'electorate-losses',
    about: 'the same while machines, memories, links and the store are lost',
    weight: 2,
    setup: changingSetup,
    faults: {},
    count: [0, 0],
    draw: drawElectorateLosses,
  },
  {
    name: 'electorate-heirs',
    about: 'five controllers become three, or three one, and who stays does not hear a host that holds VIPs',
    weight: 1,
    setup: shrinkingSetup,
    faults: {},
    count: [0, 0],
    draw: drawElectorateHeirs,
  },
  {
    name: 'locks',
    about: 'one or two controllers, hosts that only one of them hears, and changes of who holds the lock',
    weight: 1,
    setup: (random, profile = 'Default') =>
      aimed(random, { profile, controllers: random.pick([1, 2, 2]), remembering: 0 }),
    faults: {},
    count: [0, 0],
    draw: drawSuccessions,
  },
  {
    name: 'service',
    about: 'hosts that reach nobody on the service network, alone or all at once, and some that never answer',
    weight: 2,
    setup: (random, profile) =>
      setupOf(random, {
        profile: profile ?? random.pick(['Default', 'Fast'] as const),
        hosts: random.pick([2, 3, 4, 5, 5]),
        shared: false,
        pools: pools(random, ['Release'], random.between(1, 2)),
        filtering: random.chance(0.3) ? random.between(1, 31) : 0,
      }),
    faults: {},
    count: [0, 0],
    draw: drawService,
  },
  {
    name: 'few',
    about: 'one or two controllers: the lock alone decides',
    weight: 1,
    setup: (random, profile = 'Default') => setupOf(random, { profile, controllers: random.between(1, 2) }),
    faults: { ...EVERYTHING, storeDown: 2, storeCut: 3 },
    count: [2, 8],
  },
  {
    name: 'health',
    about: 'services that fall ill, flap and hang on one host or on all; drained hosts, weights and edited checks',
    weight: 2,
    setup: (random, profile = 'Default') =>
      aimed(random, {
        profile,
        pools: checkedPools(random),
        failbackDelayMs: random.pick([300, 2_000]),
        remembering: 7,
      }),
    faults: {},
    count: [0, 0],
    draw: drawHealth,
  },
  {
    name: 'holders',
    about: 'services that only holders of VIPs look at, and that stay ill after these have left',
    weight: 1,
    setup: (random, profile = 'Default') =>
      aimed(random, {
        profile,
        pools: holderPools(random),
        failbackDelayMs: random.pick([300, 1_000]),
        remembering: 7,
      }),
    faults: {},
    count: [0, 0],
    draw: drawHolders,
  },
  {
    name: 'flaps',
    about: 'hosts whose carrier, service network or lease fails again and again, alone or all at once',
    weight: 2,
    setup: (random, profile) =>
      aimed(random, {
        profile: profile ?? random.pick(['Default', 'Fast'] as const),
        hosts: random.pick([3, 3, 4]),
        failbackDelayMs: 300,
        remembering: 7,
        hasFlaps: true,
      }),
    faults: {},
    count: [0, 0],
    draw: drawFlaps,
  },
  ...RULED_SCENARIOS,
  {
    name: 'weary',
    about: 'masters whose decisions take long, and that rest after them',
    weight: 1,
    setup: (random, profile = 'Default') => setupOf(random, { profile, decisionMs: random.pick([5, 30, 100]) }),
    faults: EVERYTHING,
    count: [2, 8],
  },
  {
    name: 'five',
    about: 'five controllers',
    weight: 1,
    setup: (random, profile = 'Default') =>
      setupOf(random, { profile, controllers: 5, remembering: random.between(0, 31) }),
    faults: EVERYTHING,
    count: [4, 12],
  },
  {
    name: 'fast',
    about: 'the shorter timing profiles',
    weight: 1,
    setup: (random, profile) => setupOf(random, { profile: profile ?? random.pick(['Fast', 'Turbo'] as const) }),
    faults: EVERYTHING,
    count: [3, 10],
  },
  {
    name: 'hold-members',
    about: 'pools that hold, and whose members change while hosts go on with what members confirm',
    weight: 1,
    setup: holding,
    faults: {},
    count: [0, 0],
    draw: drawHoldMembers,
  },
];

/** The scenario of a seed where none is asked for. */
export const scenarioNamed = (name: string): Scenario | undefined => SCENARIOS.find((item) => item.name === name);
