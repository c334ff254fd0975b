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
    election(episodes, at);
    at += episodes.leaderLeases(1.5, 5);
  }
  return episodes.sorted();
}

function election(episodes: Episodes, at: number): void {
  const { random, setup } = episodes;
  const effects = random.chance(0.5) ? 0 : random.between(1, 10);
  const forgets = random.between(0, 1);
  switch (random.between(0, 3)) {
    case 0:
      episodes.add('freezeController', at, episodes.leaderLeases(0.6, 2.4), MASTER, effects);
      break;
    case 1:
      episodes.add('resign', at, 0, MASTER);
      break;
    case 2:
      episodes.add('killController', at, episodes.leaderLeases(0.02, 1), MASTER, effects, forgets);
      break;
    default:
      episodes.add(
        'isolate',
        at,
        episodes.leaderLeases(0.8, 3),
        MASTER,
        random.pick([1, 1, 3]),
        random.pick([1, 1, 2, 3]),
      );
  }
  const soon = (): number => at + episodes.leaderLeases(-0.2, 1.8);
  const [u = 0, v = 0] = episodes.controllers();
  if (random.chance(0.5)) {
    const begin = soon();
    episodes.apart(begin, begin + episodes.leaderLeases(0.2, 2), u, v);
  }
  const anyone = (): number => random.between(0, setup.controllers - 1);
  if (random.chance(0.5)) {
    episodes.add('freezeController', soon(), episodes.leaderLeases(0.2, 1.6), anyone(), random.between(1, 14));
  }
  if (random.chance(0.5))
    episodes.add('killController', soon(), random.between(2, 40), anyone(), random.between(0, 8), 1);
  if (random.chance(0.3)) {
    episodes.add(
      'slow',
      soon(),
      episodes.leaderLeases(0.5, 2),
      u,
      episodes.everybody,
      episodes.leaderLeases(0.05, 0.6),
    );
  }
}
