/**
 * Schedules of a candidate that wins and is held up before anybody hears of it: its voter forgets, another one reigns
 * and gives VIPs to a host that has begun a new life, and only then the first one finds that voter unbound.
 */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawLaggards(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  const share = (least: number, most = least): number => episodes.share(least, most);
  for (let at = from; at < until;) {
    const [late = 0, ...others] = random.chance(0.8) ? episodes.likelyMasterFirst() : episodes.controllers();
    const [voter = 0, other = 0] = random.chance(0.5) ? others : others.reverse();
    const host = episodes.host();
    const back = at + share(3.6, 4.6);
    const end = back + share(1.2, 1.8);
    // It is elected by the voter alone, and does not get its first beat out.
    episodes.add('freezeController', at, back - at, episodes.numberOf(late), random.between(1, 12));
    episodes.add(random.pick(['resign', 'freezeController'] as const), at + 5, share(0.4, 0.7), MASTER);
    for (const [one, two] of [
      [late, other],
      [other, late],
    ] as const)
      episodes.cut(at - 10, end, one, two);
    episodes.apart(at, end, 2 ** host, late);
    episodes.add('killController', at + share(0.3, 0.9), random.between(5, 60), episodes.numberOf(voter), 0, 1);
    episodes.add('killAgent', at + share(0.3, 1.5), random.between(5, 60), host, 0, 1);
    const alone = back - share(0.3, 0.9);
    episodes.cut(alone, end, other, voter);
    episodes.cut(alone, end, voter, other);
    at = end + share(0.6, 1.2);
  }
  return episodes.sorted();
}
