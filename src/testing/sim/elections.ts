/**
 * Schedules of elections close together: masters that hang, resign or are cut off, candidates that do not hear one
 * another, winners that are held up before their first beat, voters that forget.
 */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawElections(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  for (let at = from; at < until;) {
    if (random.chance(0.3)) fickle(episodes, at);
    else election(episodes, at);
    at += leaderLeases(episodes, 1.5, 5);
  }
  return episodes.sorted();
}

const leaderLeases = ({ random, setup }: Episodes, least: number, most: number): number =>
  Math.round(setup.timing.leaderLeaseMs * (least + random.fraction() * (most - least)));

function election(episodes: Episodes, at: number): void {
  const { random, setup } = episodes;
  const effects = random.chance(0.5) ? 0 : random.between(1, 10);
  const forgets = random.between(0, 1);
  switch (random.between(0, 3)) {
    case 0:
      episodes.add('freezeController', at, leaderLeases(episodes, 0.6, 2.4), MASTER, effects);
      break;
    case 1:
      episodes.add('resign', at, 0, MASTER);
      break;
    case 2:
      episodes.add('killController', at, leaderLeases(episodes, 0.02, 1), MASTER, effects, forgets);
      break;
    default:
      episodes.add(
        'isolate',
        at,
        leaderLeases(episodes, 0.8, 3),
        MASTER,
        random.pick([1, 1, 3]),
        random.pick([1, 1, 2, 3]),
      );
  }
  const soon = (): number => at + leaderLeases(episodes, -0.2, 1.8);
  const [u = 0, v = 0] = episodes.controllers();
  if (random.chance(0.5)) {
    const begin = soon();
    episodes.apart(begin, begin + leaderLeases(episodes, 0.2, 2), u, v);
  }
  const anyone = (): number => random.between(0, setup.controllers - 1);
  if (random.chance(0.5)) {
    episodes.add('freezeController', soon(), leaderLeases(episodes, 0.2, 1.6), anyone(), random.between(1, 14));
  }
  if (random.chance(0.5))
    episodes.add('killController', soon(), random.between(2, 40), anyone(), random.between(0, 8), 1);
  if (random.chance(0.3)) {
    episodes.add(
      'slow',
      soon(),
      leaderLeases(episodes, 0.5, 2),
      u,
      episodes.everybody,
      leaderLeases(episodes, 0.05, 0.6),
    );
  }
}

/** A candidate is out of sight as soon as it has won; its voter votes again, follows, forgets, and sees the first one again. */
function fickle(episodes: Episodes, at: number): void {
  const { random } = episodes;
  const [u = 0, v = 0, w = 0] = episodes.controllers();
  const seen = at + leaderLeases(episodes, 0.3, 0.9);
  episodes.apart(at - 20, at + leaderLeases(episodes, 1, 2), u, v);
  episodes.add('resign', at, 0, MASTER);
  for (const [one, other] of [
    [u, w],
    [w, u],
  ] as const)
    episodes.cut(at + random.between(2, 14), seen, one, other);
  if (random.chance(0.5)) episodes.cut(at, seen, 2 ** episodes.setup.hosts - 1, u);
  episodes.add('killController', seen - random.between(1, 30), random.between(1, 12), episodes.numberOf(w), 0, 1);
}
