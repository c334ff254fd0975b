/** One schedule from its seed to its verdict. */
import { jumpRefusal } from '../../core/electorate-change.ts';
import { electorateName, membersText, names } from '../../core/electorate.ts';
import { vipAddress } from '../../core/ids.ts';
import type { TimingProfile } from '../../core/timing.ts';
import { type Action, encodeActions } from './actions.ts';
import { REFUSED_MS } from './checks.ts';
import { planFaults } from './faults.ts';
import { SeededRandom } from './random.ts';
import { drawActions } from './draw-actions.ts';
import { recoveryMs } from './recovery.ts';
import { END_MS, HEALED_MS, type Scenario, SCENARIOS } from './scenarios.ts';
import type { Setup } from './setup.ts';
import { Violation } from './violation.ts';
import { World } from './world.ts';

/** A planned move is over by then. */
const MOVE_MS = 100;

export interface Schedule {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly setup: Setup;
  readonly actions: readonly Action[];
}

export interface Verdict {
  readonly violation: Violation | undefined;
  readonly events: number;
  readonly virtualMs: number;
  readonly namedPartitions: number;
  /** Losses of one host alone that were judged by the product's own bound. */
  readonly loneLosses: number;
}

export interface ScheduleChoice {
  /** Drawn by the seed where it is not given. */
  readonly scenario?: Scenario | undefined;
  readonly profile?: TimingProfile | undefined;
  /** Instead of those that the seed draws. */
  readonly actions?: readonly Action[] | undefined;
}

export function scheduleOf(seed: number, choice: ScheduleChoice = {}): Schedule {
  const random = new SeededRandom(Math.imul(seed, 0x9e3779b1));
  const drawn = random.fork(1).weighted(SCENARIOS);
  const scenario = choice.scenario ?? drawn;
  const setup = scenario.setup(random.fork(2), choice.profile);
  return { seed, scenario, setup, actions: choice.actions ?? drawActions(random.fork(3), scenario, setup) };
}

/** The words that repeat this schedule on the command line. */
export function replayArguments({ seed, scenario, actions }: Schedule, profile: TimingProfile | undefined): string {
  const chosen = profile ? ` --profile ${profile}` : '';
  return `--first ${seed} --seeds 1 --scenario ${scenario.name}${chosen} --actions '${encodeActions(actions)}' --trace`;
}

/** The longest way from one electorate to another one. */
const WALK_MS = 15_000;
const LOOK_MS = 500;

type TraceLine = ConstructorParameters<typeof World>[2];

export function simulate({ seed, setup, actions }: Schedule, trace?: TraceLine): Verdict {
  const world = new World(seed, setup, trace);
  let violation: Violation | undefined;
  try {
    world.start();
    planFaults(world, actions, HEALED_MS);
    if (world.rules) {
      world.run(END_MS);
      world.rules.expectRest((ms) => world.run(ms));
    } else {
      world.run(HEALED_MS + recoveryMs(setup));
      expectHeld(world);
      world.run(END_MS - world.timeline.now);
      // Who could not bind a VIP is given it again only later.
      if (world.checks.hasRefusedWithin(REFUSED_MS)) world.run(REFUSED_MS + MOVE_MS);
      expectHeld(world);
      expectBalanced(world);
      expectElectorate(world);
    }
  } catch (error) {
    violation = error instanceof Violation ? error : crash(world, error);
    world.trace?.('check', violation.message);
  }
  const { events, now } = world.timeline;
  return {
    violation,
    events,
    virtualMs: now,
    namedPartitions: world.checks.namedPartitions,
    loneLosses: world.loneLosses.judged,
  };
}

/** A core that throws holds nothing. */
function crash(world: World, error: unknown): Violation {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Violation('S4', world.timeline.now, `core threw: ${text}`);
}

function wanted(world: World): { readonly pool: string; readonly addresses: readonly string[] }[] {
  return world.setup.pools.map(({ name }) => ({
    pool: name,
    addresses: world.source.specOf(name)['addresses'] as readonly string[],
  }));
}

const unheld = (world: World): readonly string[] =>
  wanted(world).flatMap(({ addresses }) =>
    addresses.filter((address) => world.checks.holders(vipAddress(address)).length !== 1),
  );

function expectHeld(world: World): void {
  const waiting = unheld(world);
  if (waiting.length === 0) return;
  // They may be on their way home just now.
  world.run(MOVE_MS);
  const missing = unheld(world).filter((address) => waiting.includes(address));
  if (missing.length === 0) return;
  const leaders = world.controllers.filter((controller) => controller.leads).map(({ name }) => name);
  const who = leaders.length > 0 ? `${leaders.join()} is master` : 'there is no master';
  world.checks.fail(
    'S4',
    `nobody answers for ${missing.join(', ')}; ${who} (electorate ${electorateName(world.electorate)})`,
  );
}

/** Whatever was configured last is so in the end. */
function expectElectorate(world: World): void {
  for (let passed = 0; passed < WALK_MS && !isElectorateAsWanted(world); passed += LOOK_MS) world.run(LOOK_MS);
  if (isElectorateAsWanted(world)) return;
  const { electorate, wanted: wished, rollOut, checks } = world;
  if (rollOut === 'broken off') return;
  // A change that was not over when the next one was configured may have made that one a jump.
  if (wished && jumpRefusal(electorate, wished) !== undefined) return;
  const { members, joining } = electorate;
  const there = membersText(members) + (joining ? `, joining ${joining.id}` : '');
  checks.fail('S10', `${there} instead of ${membersText(wished)}`);
}

function isElectorateAsWanted({ electorate: { members, joining }, wanted: wished }: World): boolean {
  return !joining && members.length === wished.length && members.every((member) => names(wished, member));
}

/** Pools whose homes are all free to choose differ by at most one VIP per host. */
function expectBalanced(world: World): void {
  for (const { pool, addresses } of wanted(world)) {
    if (world.source.specOf(pool)['placement'] !== undefined) continue;
    const load = world.kernels.map(
      (kernel) => addresses.filter((address) => kernel.answers(vipAddress(address))).length,
    );
    if (Math.max(...load) - Math.min(...load) > 1) world.checks.fail('S6', `${pool} is spread as ${load.join(' ')}`);
  }
}
