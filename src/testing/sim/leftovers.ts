/**
 * Schedules in which assignments turn up again long after they were sent, at agents that have moved on: another life,
 * another lease, another master.
 */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawLeftovers(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  const share = (least: number, most: number): number => episodes.share(least, most);
  for (let at = from; at < until; at += share(1, 2.5)) {
    const [u = 0, v = 0, w = 0] = episodes.controllers();
    const [a, b] = [random.between(0, 7), random.between(0, 40)];
    episodes.add('home', at, 0, a, b);
    if (random.chance(0.4)) {
      // To another host before the former has answered, perhaps under a master that has just begun.
      episodes.add('home', at + random.between(20, 200), 0, a + 2, b);
      const first = 2 ** ((a + b) % setup.hosts);
      const changed = random.chance(0.5) ? at - random.between(50, 500) : at + random.between(10, 150);
      if (random.chance(0.7)) episodes.add('resign', changed, 0, MASTER);
      const [from, to] = random.chance(0.7) ? [u | v | w, first] : [first, u | v | w];
      episodes.add('slow', at - share(0.2, 0.5), share(0.6, 1.2), from, to, share(0.1, 0.5));
      continue;
    }
    const host = episodes.host();
    const later = at + random.between(10, 500);
    switch (random.between(0, 3)) {
      case 0:
        episodes.add('killAgent', later, random.between(5, 100), host, 0, random.chance(0.8) ? 1 : 0);
        break;
      case 1:
        episodes.add('freezeAgent', later, share(1, 1.6), host, random.between(0, 8));
        break;
      case 2:
        episodes.apart(later, later + share(1, 1.6), 2 ** host, u | v | w);
        break;
      default:
        episodes.add('isolate', later, share(0.6, 1.5), MASTER, random.pick([1, 3]), 1);
    }
    if (random.chance(0.7))
      episodes.apart(later + share(-0.2, 0.2), later + share(0.5, 3), 2 ** host, random.chance(0.8) ? u : u | v);
  }
  return episodes.sorted();
}
