/**
 * Schedules in which a host keeps its lease by changing majorities: one controller after the other does not hear it,
 * and the next one begins to miss it before the former has found it again. Meanwhile controllers forget, their reports
 * are late or lost, and mastership moves to who knows the least.
 */
import type { Action } from './actions.ts';
import { MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawRelays(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  for (let at = from; at < until;) {
    at = random.pick([relay, relay, stranger, lonely])(episodes, at) + episodes.share(0.8, 1.6);
  }
  return episodes.sorted();
}

/** The host's majority changes from {v, w} to {u, w}: u misses it until shortly after v has begun to. */
function relay(episodes: Episodes, at: number): number {
  const { random, share } = bound(episodes);
  const [u = 0, v = 0] = episodes.controllers();
  const host = 2 ** episodes.host();
  const lost = at + share(0.2, 2.2);
  const found = lost + share(-0.05, 1);
  const end = lost + share(1.2, 2.5);
  episodes.apart(at, found, host, u);
  episodes.apart(lost, end, host, v);
  if (random.chance(0.5)) {
    const forgets = random.chance(0.5) ? found - random.between(5, 60) : at + share(0, 0.8);
    episodes.add('killController', forgets, random.between(5, 60), episodes.numberOf(u), 0, 1);
  }
  if (random.chance(0.4)) episodes.add('cut', found + share(-0.1, 0.1), share(0.2, 1.2), u, v, 1);
  if (random.chance(0.3)) {
    episodes.add('slow', found - share(0.1), share(1.2), random.chance(0.5) ? u : v, v | u, share(0.1, 0.7));
  }
  if (random.chance(0.3))
    episodes.add('isolate', lost + share(-0.3, 1), share(0.7, 2), MASTER, 1, random.pick([1, 1, 2, 3]));
  return end;
}

/** A controller that forgot and never hears the host becomes master. */
function stranger(episodes: Episodes, at: number): number {
  const { random, share } = bound(episodes);
  const [u = 0] = episodes.controllers();
  const end = at + share(3, 4.2);
  episodes.apart(at, end, 2 ** episodes.host(), u);
  episodes.add('killController', at + share(0, 0.3), random.between(5, 60), episodes.numberOf(u), 0, 1);
  const b = random.chance(0.8) ? 1 : 3;
  episodes.add('isolate', at + share(1.2, 2.2), share(1, 2), MASTER, b, 1);
  return end;
}

/** A host that only one controller hears, which is lost as soon as the others hear it again. */
function lonely(episodes: Episodes, at: number): number {
  const { random, share } = bound(episodes);
  const [w = 0, ...others] = episodes.controllers();
  const host = 2 ** episodes.host();
  const changed = at + share(1.1, 2);
  const found = changed + share(-0.1, 1.2);
  for (const other of others) episodes.apart(at, found, host, other);
  if (random.chance(0.5)) episodes.add('home', at + share(0.9, 1.5), 0, random.between(0, 7), random.between(0, 40));
  episodes.add('isolate', changed, found - changed + share(0.5, 1.5), episodes.numberOf(w), random.pick([1, 3]), 1);
  return found + share(0.5);
}

const bound = (episodes: Episodes): { random: SeededRandom; share: Episodes['share'] } => ({
  random: episodes.random,
  share: (least, most) => episodes.share(least, most),
});
