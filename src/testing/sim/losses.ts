/** Schedules in which hosts are lost for good while everything else is in confusion: others have to take over all the same. */
import { type Action, MASTER } from './actions.ts';
import { Episodes, FOR_EVER_MS } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawLosses(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  const begin = from + random.between(0, 2_000);
  const end = begin + episodes.share(1.5, 5);
  for (let count = random.between(1, 5); count > 0; count--) {
    random.pick([forgetful, forgetful, heldUp, unheard, unheard, ousted, stopped, headless])(episodes, begin, end);
  }
  for (let count = random.between(1, Math.max(1, setup.hosts - 2)); count > 0; count--) {
    const at = random.between(begin, end + 500);
    episodes.add(
      random.pick(['power', 'killAgent'] as const),
      at,
      FOR_EVER_MS,
      episodes.host(),
      0,
      random.between(0, 1),
    );
  }
  if (random.chance(0.2)) {
    const controller = random.between(0, setup.controllers - 1);
    episodes.add('killController', random.between(begin, end), FOR_EVER_MS, controller);
  }
  return episodes.sorted();
}

/** Between the two times. */
type Confusion = (episodes: Episodes, begin: number, end: number) => void;

/** Begins within the time, and lasts for less or more than a lease, but not longer than the time. */
function within(episodes: Episodes, begin: number, end: number): readonly [at: number, ms: number] {
  const at = episodes.random.between(begin, end);
  const [least, most] = episodes.random.pick([
    [0.02, 0.3],
    [0.5, 0.95],
    [1.05, 1.7],
  ] as const);
  return [at, Math.min(end - at, episodes.share(least, most))];
}

const masterOrAny = ({ random, setup }: Episodes): number =>
  random.pick([MASTER, random.between(0, setup.controllers - 1)]);

/** A process begins anew, with or without its memory. */
const forgetful: Confusion = (episodes, begin, end) => {
  const { random } = episodes;
  const [at, ms] = within(episodes, begin, end);
  const memory = random.between(0, 1);
  if (random.chance(0.5)) episodes.add('killAgent', at, ms, episodes.host(), 0, memory);
  else episodes.add('killController', at, ms, masterOrAny(episodes), 0, memory);
};

const heldUp: Confusion = (episodes, begin, end) => {
  const { random } = episodes;
  const [at, ms] = within(episodes, begin, end);
  if (random.chance(0.6)) episodes.add('freezeAgent', at, ms, episodes.host());
  else episodes.add('freezeController', at, ms, masterOrAny(episodes));
};

/** Some of the controllers do not hear a host, or are not heard by it. */
const unheard: Confusion = (episodes, begin, end) => {
  const [at, ms] = within(episodes, begin, end);
  const [u = 0, v = 0] = episodes.controllers();
  episodes.apart(at, at + ms, 2 ** episodes.host(), episodes.random.pick([u, u | v]));
};

const ousted: Confusion = (episodes, begin, end) => {
  const { random } = episodes;
  const [at, ms] = within(episodes, begin, end);
  if (random.chance(0.4)) episodes.add('resign', at, 0, MASTER);
  else episodes.add('isolate', at, ms, MASTER, random.between(1, 3), random.between(1, 3));
};

const stopped: Confusion = (episodes, begin, end) => {
  const { random } = episodes;
  const [at, ms] = within(episodes, begin, end);
  if (random.chance(0.6)) episodes.add('stopAgent', at, ms, episodes.host(), random.between(0, 1));
  else episodes.add('stopController', at, ms, MASTER);
};

/** All leases end with a majority of the controllers; their successors are heard by the survivor alone for a while. */
const headless: Confusion = (episodes, begin, end) => {
  const { random } = episodes;
  const [, ...others] = episodes.controllers();
  const until = Math.min(end, begin + episodes.share(1.1, 1.6));
  for (const mask of others)
    episodes.add('killController', begin, until - begin - random.between(0, 200), episodes.numberOf(mask));
};
