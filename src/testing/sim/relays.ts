/**
 * Schedules in which a host keeps its lease by changing majorities: one controller after the other does not hear it,
 * and the next one begins to miss it before the former has found it again. Meanwhile controllers forget, their reports
 * are late or lost, and masters change.
 */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import { union } from './links.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawRelays(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  for (let at = from; at < until;) {
    at = (random.chance(0.75) ? relay : silenced)(episodes, at) + episodes.share(0.8, 1.6);
  }
  return episodes.sorted();
}

/** The host's majority changes from {v, w} to {u, w}: u misses it until shortly after v, mostly the master, has begun to. */
function relay(episodes: Episodes, at: number): number {
  const { random } = episodes;
  const share = episodes.share.bind(episodes);
  const [v = 0, u = 0] = random.chance(0.7) ? episodes.likelyMasterFirst() : episodes.controllers();
  const host = 2 ** episodes.host();
  const lost = at + share(0.2, 2.2);
  const found = lost + share(-0.4, 0.8);
  const end = lost + share(1.2, 2.5);
  episodes.apart(at, found, host, u);
  episodes.apart(lost, end, host, v);
  switch (random.between(0, 3)) {
    case 0: {
      const forgets = random.chance(0.5) ? found - random.between(5, 60) : at + share(0, 0.8);
      episodes.add('killController', forgets, random.between(5, 60), episodes.numberOf(u), 0, 1);
      break;
    }
    case 1:
      // What u reports to v now is the last for a while.
      episodes.cut(lost + share(0, 0.5), lost + share(1.2, 1.7), u, v);
      break;
    case 2:
      // The report that the host knocks again is under way for so long that its answer is obeyed unheard.
      episodes.add('slow', lost - share(0.3), share(1.5), u, v, share(0.2, 0.6));
      episodes.cut(found + share(0.05, 0.7), lost + share(1.2, 1.7), u, v);
      break;
    default:
      episodes.add('isolate', lost + share(-0.3, 1), share(0.7, 2), MASTER, 1, random.pick([1, 1, 2, 3]));
  }
  return end;
}

/** A host that nobody hears any more, while the last answers to it are still under way. */
function silenced(episodes: Episodes, at: number): number {
  const share = episodes.share.bind(episodes);
  const host = 2 ** episodes.host();
  const controllers = union(episodes.controllers());
  const slow = at + share(0.1, 0.9);
  episodes.add('slow', at, slow - at + share(0.1), controllers, host, share(0.2, 0.9));
  const end = slow + share(1.2, 2.2);
  episodes.apart(slow, end, host, controllers);
  return end;
}
