/** What goes wrong on the service network alone: the switch of all hosts, or the way of one host to it. */
import { LOST_ROUNDS } from '../../core/agent/reach.ts';
import { reachTiming } from '../../core/timing.ts';
import type { Action } from './actions.ts';
import { PLAIN_HELD_OFF_MS } from './checks.ts';
import { Episodes } from './episodes.ts';
import type { Fault } from './faults.ts';
import type { Link } from './links.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';
import type { SimAgent } from './sim-agent.ts';
import type { World } from './world.ts';

/** From the verdict of a host until its VIPs are gone from it; a change of masters may come between. */
const LETS_GO_MS = 1_500;
/** What follows from earlier faults is over, hold-offs included. */
const CALLED_HOME_MS = 7_500 + PLAIN_HELD_OFF_MS;
/** From the failure of a switch. */
const WATCH_ROUNDS = 16;
const MUTE = 1;
const DEAF = 2;

/** No host reaches another one. That concerns nobody: it is the switch, and nothing may move, now or when it mends. */
export function switchFault(world: World): Fault {
  const all = 2 ** world.setup.hosts - 1;
  const { begin, end } = blocking(world, world.links.between('service', all, all));
  // Whoever was away a while ago may be called home to by itself.
  const isSteady = !world.agents.some(({ machine }) => world.calm.mayBeGiven(machine, CALLED_HOME_MS));
  const before = isSteady ? holdersOf(world) : undefined;
  return {
    concern: {},
    begin: () => {
      begin();
      if (before !== undefined) watchHolders(world, before, world.timeline.now + WATCH_ROUNDS * roundOf(world));
    },
    end,
  };
}

const roundOf = ({ setup }: World): number => reachTiming(setup.timing).roundMs;

const holdersOf = ({ kernels }: World): string =>
  kernels
    .flatMap((kernel) => kernel.vips().map((vip) => `${vip} on ${kernel.node}`))
    .sort()
    .join(', ');

/** As long as nothing else happens. */
function watchHolders(world: World, before: string, until: number): void {
  const { timeline, calm, agents } = world;
  timeline.plan(timeline.now + roundOf(world) / 4, () => {
    if (timeline.now > until || !agents.every(({ machine }) => calm.isCalm(machine))) return;
    if (calm.configChangedWithin(CALLED_HOME_MS)) return;
    const now = holdersOf(world);
    if (now !== before) world.checks.fail('S5', `${before}; after the switch failed or mended: ${now}`);
    watchHolders(world, before, until);
  });
}

/** One host reaches nobody; its carrier stays. `b`: mute, deaf, or both (3). It must let its VIPs go in time. */
export function blackHole(world: World, { b }: Action, agent: SimAgent): Fault {
  const own = 2 ** agent.machine;
  const others = (2 ** world.setup.hosts - 1) & ~own;
  const links = [
    ...((b & MUTE) === 0 ? [] : world.links.between('service', own, others)),
    ...((b & DEAF) === 0 ? [] : world.links.between('service', others, own)),
  ];
  const { begin, end } = blocking(world, links);
  let isOn = false;
  return {
    concern: { hosts: [agent.machine] },
    begin: () => {
      isOn = true;
      begin();
      world.timeline.plan(world.timeline.now + noticedMs(world.setup) + LETS_GO_MS, () => {
        if (isOn) expectNothing(world, agent);
      });
    },
    end: () => {
      isOn = false;
      end();
    },
  };
}

function noticedMs({ timing }: Setup): number {
  const { roundMs, answerMs } = reachTiming(timing);
  return LOST_ROUNDS * roundMs + answerMs;
}

/** Where the others were well all the time and know each other, so that it was clear who is cut off. */
function expectNothing(world: World, agent: SimAgent): void {
  const { calm, agents, setup } = world;
  const others = agents.filter((other) => other !== agent);
  const areWell = others.length > 1 && others.every(({ machine }) => calm.isCalm(machine));
  const elsewhere = (2 ** setup.hosts - 1) & ~(2 ** agent.machine);
  const since = world.timeline.now - noticedMs(setup) - LETS_GO_MS;
  const isWhole = world.links
    .between('service', elsewhere, elsewhere)
    .every(({ blocked, healedAt }) => blocked === 0 && healedAt < since);
  if (!areWell || !isWhole || !agent.isLeased || setup.filtering !== 0) return;
  const vips = agent.kernel.vips();
  if (vips.length > 0) world.checks.fail('S4', `${agent.name} is cut off for long and still holds ${vips.join(', ')}`);
}

function blocking(world: World, links: readonly Link[]): { readonly begin: () => void; readonly end: () => void } {
  return {
    begin: () => {
      for (const link of links) if (link.blocked++ === 0) link.blockedSince = world.timeline.now;
    },
    end: () => {
      for (const link of links) if (--link.blocked === 0) link.healedAt = world.timeline.now;
    },
  };
}

/** Black holes of single hosts and failures of the switch, one after the other, of any length. */
export function drawService(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  const { roundMs } = reachTiming(setup.timing);
  const restMs = LOST_ROUNDS * roundMs + setup.failbackDelayMs + 500;
  // Who has not been answered for some rounds yet cannot miss anything.
  let at = from + LOST_ROUNDS * roundMs;
  if (random.chance(0.5)) {
    // Nothing else for long: then nothing excuses a VIP that moves.
    at = from + CALLED_HOME_MS + random.between(0, 3_000);
    const ms = Math.round(roundMs * (1 + random.fraction() * 6));
    episodes.add('switch', at, ms, 0);
    at += ms + CALLED_HOME_MS;
  }
  while (at < until) {
    const host = episodes.host();
    const briefMs = roundMs * (0.5 + random.fraction() * 6);
    const ms = Math.round(random.chance(0.6) ? briefMs : noticedMs(setup) + LETS_GO_MS + briefMs);
    if (random.chance(0.4)) episodes.add('switch', at, ms, 0);
    else episodes.add('blackHole', at, ms, host, random.pick([MUTE, DEAF, MUTE | DEAF]));
    if (random.chance(0.2)) episodes.add('resign', at + random.between(0, ms), 0, 15);
    const other = (host + 1) % setup.hosts;
    if (random.chance(0.2)) episodes.add('killAgent', at + random.between(0, ms), 50, other, 0, 1);
    // Sometimes before everything of the last one is over.
    at += ms + (random.chance(0.6) ? restMs : random.between(0, 2 * restMs));
  }
  return episodes.sorted();
}
