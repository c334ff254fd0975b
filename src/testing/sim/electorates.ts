/** Schedules in which the controllers become other ones, and more or fewer; with or without further faults. */
import type { Action, ActionKind } from './actions.ts';
import { drawAction } from './draw-action.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import { controllerMachine, type Setup } from './setup.ts';

/** What may happen besides. */
const LOSSES: Readonly<Partial<Record<ActionKind, number>>> = {
  power: 4,
  killAgent: 2,
  killController: 5,
  freezeAgent: 2,
  freezeController: 3,
  cut: 6,
  slow: 2,
  storeDown: 2,
  storeCut: 3,
  resign: 1,
  stopController: 1,
};

const SIZES = [1, 3, 5] as const;

export function drawElectorates(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  const members = setup.members ?? setup.controllers;
  const at = from + random.between(0, 3_000);
  if (members === 3 && random.chance(0.3)) replace(episodes, at);
  else if (members >= 3 && random.chance(0.3)) shrinkAfterLoss(episodes, members, at);
  else grow(episodes, members, from, until);
  return episodes.sorted();
}

export function drawElectorateLosses(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const kinds = Object.entries(LOSSES).map(([kind, weight]) => ({ kind: kind as ActionKind, weight }));
  const faults = Array.from({ length: random.between(2, 8) }, () =>
    drawAction(random, random.weighted(kinds).kind, setup, random.between(from, until)),
  );
  return [...drawElectorates(random, setup, from, until), ...faults].sort((left, right) => left.at - right.at);
}

/** Fewer controllers shall be, and those that are to decide alone do not hear a host that holds VIPs. */
export function drawElectorateHeirs(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  const members = setup.members ?? setup.controllers;
  const order = episodes.controllers().filter((mask) => episodes.numberOf(mask) < members);
  const at = from + random.between(0, 3_000);
  if (members > 3) threeOfFive(episodes, order, at);
  else oneOfThree(episodes, order, at);
  return episodes.sorted();
}

/** What the host holds rests on those that leave, one right after the other; and the two that do not hear it would be a majority. */
function threeOfFive(episodes: Episodes, [deaf = 0, another = 0, third = 0]: readonly number[], at: number): void {
  const ends = at + episodes.share(3, 5);
  unheard(episodes, at, ends, episodes.random.pick(episodes.hosts()), deaf | another);
  const stay = [deaf, another, third].map((mask) => episodes.numberOf(mask));
  configure(episodes, at + episodes.share(1.2, 2), stay, true);
}

/** The network breaks apart when one of those that leave has left: here who stays, there the others, and the host. */
function oneOfThree(episodes: Episodes, [stays = 0, leaves = 0, another = 0]: readonly number[], at: number): void {
  const { random } = episodes;
  const host = random.pick(episodes.hosts());
  const configured = at + episodes.share(1.2, 2);
  const parted = configured + random.between(20, 600);
  const ends = parted + episodes.share(3, 8);
  unheard(episodes, at, ends, host, stays);
  configure(episodes, configured, [episodes.numberOf(stays)], true);
  const there = host | leaves | another;
  episodes.cut(parted, ends, there, episodes.everybody & ~there);
  episodes.cut(parted, ends, episodes.everybody & ~there, there);
  for (const mask of [leaves, another]) {
    episodes.add('storeCut', parted, ends - parted, 2 ** episodes.numberOf(mask));
  }
}

/** Neither hears the other. */
function unheard(episodes: Episodes, at: number, until: number, host: number, controllers: number): void {
  episodes.cut(at, until, host, controllers);
  episodes.cut(at, until, controllers, host);
}

/** Each list contains the one before, or the other way round: whatever was reached meanwhile, it is no jump. */
function grow(episodes: Episodes, size: number, from: number, until: number): void {
  const { random } = episodes;
  // Those that there are, then the others in any order.
  const others = [3, 4, 5].filter((number) => number > size).map((number) => number - 1);
  const order = [
    ...Array.from({ length: size }, (_, index) => index),
    ...shuffled(random, [...new Set([...(size < 2 ? [1, 2] : []), ...others])]),
  ];
  let before = size;
  for (let at = from + random.between(0, 1_500); at < until;) {
    const next = random.pick(SIZES.filter((count) => count !== before));
    if (configure(episodes, at, order.slice(0, next), next < before)) before = next;
    at += random.pick([1_500, 4_000, 8_000, 8_000]);
  }
}

/** One of three is lost for good, and another one takes its place. */
function replace(episodes: Episodes, at: number): void {
  const { random, setup } = episodes;
  const lost = random.between(0, 2);
  const rest = [0, 1, 2].filter((index) => index !== lost);
  if (random.chance(0.8)) episodes.add('power', at, 30_000, controllerMachine(setup, lost));
  configure(episodes, at + random.between(300, 3_000), [...rest, random.between(3, 4)], false);
}

/** One of those that have to go is lost for good before. */
function shrinkAfterLoss(episodes: Episodes, size: number, at: number): void {
  const { random, setup } = episodes;
  const stay = random.pick(SIZES.filter((count) => count < size));
  episodes.add('power', at, 30_000, controllerMachine(setup, random.between(stay, size - 1)));
  const indices = Array.from({ length: stay }, (_, index) => index);
  configure(episodes, at + random.between(300, 3_000), indices, true);
}

/** Whether all processes can be started anew while the time of changes lasts: a rollout that is broken off changes nothing. */
function configure(episodes: Episodes, at: number, indices: readonly number[], isFewer: boolean): boolean {
  const { random, setup, until } = episodes;
  const mask = indices.reduce((sum, index) => sum | (2 ** index), 0);
  const between = random.pick([100, 700, 2_600]);
  if (at + (setup.controllers + 1) * between > until) return false;
  episodes.add('configure', at, 0, mask, between, isFewer && random.chance(0.7) ? 1 : 0);
  return true;
}

function shuffled<T>(random: SeededRandom, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: random.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
