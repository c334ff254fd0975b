/** Schedules with processes that are configured with other controllers than those on record, or as another node. */
import type { Action } from './actions.ts';
import { Episodes } from './episodes.ts';
import { union } from './links.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawStrangers(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  const share = (least: number, most: number): number => episodes.share(least, most);
  for (let at = from; at < until;) {
    const end = at + share(3, 6);
    const masks = episodes.controllers();
    const some = masks.slice(0, random.pick([1, 2, 3, 3]));
    const numbers = union(some.map((mask) => 2 ** episodes.numberOf(mask)));
    const rest = union(masks.slice(random.between(1, 2)));
    const host = episodes.host();
    switch (random.between(0, 3)) {
      case 0: {
        const own = episodes.numberOf(some[0] ?? 1);
        if (random.chance(0.6)) episodes.add('storeCut', at, end - at, 2 ** own);
        episodes.add('electorate', at, end - at, own, numbers);
        if (random.chance(0.7)) episodes.apart(at + share(0, 1.5), end, episodes.everybody ^ rest, rest);
        break;
      }
      case 1: {
        // Enough of the same mind to elect one of them.
        const side = masks.slice(0, 2);
        const members =
          2 ** episodes.numberOf(masks[0] ?? 1) +
          2 ** episodes.numberOf(masks[1] ?? 1) +
          2 ** episodes.numberOf(masks[2] ?? 1);
        for (const mask of side)
          episodes.add('electorate', at + random.between(0, 200), end - at, episodes.numberOf(mask), members);
        break;
      }
      case 2:
        episodes.add('electorate', at, end - at, setup.controllers + host, numbers);
        if (random.chance(0.8)) episodes.apart(at + share(0.5, 2), end, 2 ** host, rest);
        break;
      default:
        episodes.add('twin', at, end - at, host, (host + random.between(1, setup.hosts - 1)) % setup.hosts);
        if (random.chance(0.5)) episodes.add('killAgent', at + share(0.5, 2), share(0.1, 2), host, 0, 1);
    }
    at = end + share(1, 2);
  }
  return episodes.sorted();
}
