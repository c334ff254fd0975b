/** Schedules for pools with rules: hosts and services that come and go, administrators, and time in which nothing happens. */
import { type Action, MASTER } from './actions.ts';
import { DECLARATIONS, POLICY, UNDRAIN, WHEN_ALL } from './administration.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import { otherRules } from './rule-pools.ts';
import type { Setup } from './setup.ts';

const [FAILING, ENDED, HANGING] = [0, 1, 2];

export function drawRules(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  const kinds = [lost, lost, unplugged, ill, ill, blip, allIll, declared, declared, edited, role, successor, lastWords];
  begin(episodes, from);
  for (let at = from + 100; at < until;) {
    at += random.pick(kinds)(episodes, at);
    // Now and then everything comes to rest.
    at += random.chance(0.3) ? random.between(6_000, 8_000) : random.between(100, 2_500);
  }
  return episodes.sorted();
}

/** One host has the role of each pool. */
export function begin(episodes: Episodes, at: number): void {
  for (const pool of [0, 1]) episodes.add('role', at, 0, pool, episodes.host());
}

/** How long it takes. */
export type Draw = (episodes: Episodes, at: number) => number;

/** A host that dies, or one whose agent does, or whose link is down. */
export const lost: Draw = (episodes, at) => {
  const { random } = episodes;
  const ms = random.pick([random.between(50, 900), random.between(1_500, 7_000)]);
  const host = episodes.host();
  const kind = random.pick(['power', 'killAgent', 'killAgent', 'carrier'] as const);
  episodes.add(kind, at, ms, host, 0, kind === 'killAgent' && random.chance(0.3) ? 1 : 0);
  return ms;
};

/** All hosts but one lose their carrier; who is back first must not pass for better than the one that was there all the time. */
const unplugged: Draw = (episodes, at) => {
  const { random, setup } = episodes;
  const spared = episodes.host();
  for (let host = 0; host < setup.hosts; host++) {
    if (host !== spared) episodes.add('carrier', at + random.between(0, 500), random.between(1_000, 6_000), host);
  }
  return 6_000;
};

export const ill: Draw = (episodes, at) => {
  const { random } = episodes;
  const ms = random.between(800, 8_000);
  episodes.add(
    'checkFails',
    at,
    ms,
    episodes.host(),
    random.between(0, 1),
    random.pick([FAILING, FAILING, ENDED, HANGING]),
  );
  return ms;
};

/** A run or two that fail, or that succeed among failures. */
export const blip: Draw = (episodes, at) => {
  const { random } = episodes;
  const [host, pool] = [episodes.host(), random.between(0, 1)];
  const times = random.between(1, 4);
  const [bad, good] = random.pick([
    [150, 1_100],
    [350, 900],
    [1_500, 250],
    [1_500, 450],
  ] as const);
  for (let time = 0; time < times; time++)
    episodes.add('checkFails', at + time * (bad + good), bad, host, pool, FAILING);
  return times * (bad + good);
};

const allIll: Draw = (episodes, at) => {
  const { random, setup } = episodes;
  const ms = random.between(2_000, 9_000);
  const pool = random.between(0, 1);
  const spared = random.chance(0.3) ? episodes.host() : setup.hosts;
  for (let host = 0; host < setup.hosts; host++) {
    if (host !== spared) episodes.add('checkFails', at + random.between(0, 1_500), ms, host, pool, FAILING);
  }
  return ms + 1_500;
};

/** A host is drained or weighted, and that is undone or not. */
const declared: Draw = (episodes, at) => {
  const { random } = episodes;
  const host = episodes.host();
  const kind = random.between(0, DECLARATIONS.length - 1);
  const ms = random.between(500, 7_000);
  episodes.add('declare', at, 0, host, kind);
  if (random.chance(0.8)) {
    episodes.add('declare', at + ms, 0, host, UNDRAIN);
    episodes.add('declare', at + ms, 0, host, random.pick([4, 5, 5]));
  }
  return random.chance(0.5) ? ms : 100;
};

export const edited: Draw = (episodes, at) => {
  const { random, setup } = episodes;
  const number = random.between(0, 1);
  const pool = setup.pools[number];
  const rules = pool ? otherRules(pool).length : 0;
  const what = rules === 0 || random.chance(0.2) ? random.pick([POLICY, WHEN_ALL]) : random.between(0, rules - 1);
  episodes.add('rules', at, 0, number, random.between(0, 9_999), what);
  return 100;
};

export const role: Draw = (episodes, at) => {
  const { random, setup } = episodes;
  const number = random.between(0, 1);
  episodes.add('role', at, 0, number, random.between(0, setup.hosts));
  if (random.chance(0.7)) episodes.add('role', at + random.between(300, 3_000), 0, number, episodes.host());
  return 500;
};

export const successor: Draw = (episodes, at) => {
  const { random } = episodes;
  if (random.chance(0.5)) episodes.add('resign', at, 0, MASTER);
  else episodes.add('killController', at, random.between(50, 4_000), MASTER, 0, random.chance(0.3) ? 1 : 0);
  return 500;
};

/** All leases end with a majority of the controllers; a host dies when only the survivor has heard of its next one. */
const lastWords: Draw = (episodes, at) => {
  const { random } = episodes;
  const [, ...others] = episodes.controllers();
  const until = at + episodes.share(1.1, 1.6);
  for (const mask of others)
    episodes.add('killController', at, until - at + random.between(-100, 100), episodes.numberOf(mask));
  episodes.add('killAgent', until + random.between(-150, 250), random.between(3_000, 7_000), episodes.host(), 0, 1);
  return 3_000;
};
