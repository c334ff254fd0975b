/** Schedules of voters that forget in the middle of an election, so that they help two candidates, or one that knows nothing. */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawVoters(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  for (let at = from; at < until;) {
    if (random.chance(0.85)) {
      fickle(episodes, at);
      at += episodes.leaderLeases(2.5, 4.5);
    } else {
      at = ignorant(episodes, at) + episodes.share(0.8, 1.4);
    }
  }
  return episodes.sorted();
}

/** A candidate is out of sight as soon as it has won; its voter votes again, follows, forgets, and sees the first one again. */
function fickle(episodes: Episodes, at: number): void {
  const { random } = episodes;
  const [u = 0, v = 0, w = 0] = episodes.controllers();
  const seen = at + episodes.leaderLeases(0.3, 0.9);
  episodes.apart(at - 20, at + episodes.leaderLeases(1, 2), u, v);
  episodes.add('resign', at, 0, MASTER);
  for (const [one, other] of [
    [u, w],
    [w, u],
  ] as const)
    episodes.cut(at + random.between(2, 14), seen, one, other);
  if (random.chance(0.5)) episodes.cut(at, seen, 2 ** episodes.setup.hosts - 1, u);
  episodes.add('killController', seen - random.between(1, 30), random.between(1, 12), episodes.numberOf(w), 0, 1);
}

/** Who has forgotten and never hears the host is voted for by another one that has just forgotten; the third knows of it. */
function ignorant(episodes: Episodes, at: number): number {
  const { random } = episodes;
  const share = episodes.share.bind(episodes);
  const [u = 0, v = 0, w = 0] = random.chance(0.6) ? episodes.likelyMasterFirst() : episodes.controllers();
  const change = at + share(1.3, 1.8);
  const end = change + share(1, 1.8);
  episodes.apart(at, end, 2 ** episodes.host(), u);
  episodes.add('killController', at + share(0, 0.1), random.between(5, 60), episodes.numberOf(u), 0, 1);
  episodes.add('resign', change, 0, MASTER);
  episodes.add('killController', change + random.between(-30, 10), random.between(2, 20), episodes.numberOf(v), 0, 1);
  const heard = change + episodes.leaderLeases(0.1, 1);
  episodes.cut(change - 40, heard, u, w);
  episodes.cut(change - 40, heard, w, u);
  return end;
}
