/**
 * Schedules in which mastership goes over to who knows the least: a controller that forgot and has never heard a host
 * since, or one that heard it last while it held nothing.
 */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawNewcomers(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  for (let at = from; at < until;) {
    at = random.pick([stranger, stranger, lonely, swapped])(episodes, at) + episodes.share(0.8, 1.6);
  }
  return episodes.sorted();
}

/** A controller that forgot and never hears the host becomes master. */
function stranger(episodes: Episodes, at: number): number {
  const { random } = episodes;
  const share = episodes.share.bind(episodes);
  const [u = 0] = episodes.controllers();
  const end = at + share(3, 4.2);
  episodes.apart(at, end, 2 ** episodes.host(), u);
  episodes.add('killController', at + share(0, 0.3), random.between(5, 60), episodes.numberOf(u), 0, 1);
  const change = at + share(1.2, 2.2);
  if (random.chance(0.6)) episodes.add('isolate', change, share(1, 2), MASTER, random.chance(0.8) ? 1 : 3, 1);
  else episodes.add('killController', change, random.between(5, 60), MASTER, 0, 1);
  return end;
}

/** A host that only one controller hears, which is lost as soon as the others hear it again. */
function lonely(episodes: Episodes, at: number): number {
  const { random } = episodes;
  const share = episodes.share.bind(episodes);
  const [w = 0, ...others] = episodes.controllers();
  const host = 2 ** episodes.host();
  const changed = at + share(1.1, 2);
  const found = changed + share(-0.1, 1.2);
  for (const other of others) episodes.apart(at, found, host, other);
  if (random.chance(0.5)) episodes.add('home', at + share(0.9, 1.5), 0, random.between(0, 7), random.between(0, 40));
  episodes.add('isolate', changed, found - changed + share(0.5, 1.5), episodes.numberOf(w), random.pick([1, 3]), 1);
  return found + share(0.5);
}

/** One controller hears the host only while it has no lease; then the others do, and that one becomes master. */
function swapped(episodes: Episodes, at: number): number {
  const { random } = episodes;
  const share = episodes.share.bind(episodes);
  const [u = 0, ...others] = random.chance(0.5) ? episodes.likelyMasterFirst().reverse() : episodes.controllers();
  const host = 2 ** episodes.host();
  const swap = at + share(1.2, 1.7);
  const change = swap + episodes.setup.failbackDelayMs + share(0.2, 1.2);
  const end = change + share(1.5, 2.2);
  for (const other of others) episodes.apart(at, swap, host, other);
  episodes.apart(swap, end, host, u);
  episodes.add('isolate', change, share(1, 2), MASTER, 1, 1);
  return end;
}
