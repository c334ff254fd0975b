/**
 * No host reaches a controller for longer than a lease, and hosts of pools that hold go on with what peers confirm. When the
 * controllers are back their master has taken more than half of a pool for lost: it gives VIPs to whoever it hears first,
 * while leases of others may still be taken up again, also by a controller that has never heard of them.
 */
import type { Action } from './actions.ts';
import { Episodes } from './episodes.ts';
import { union } from './links.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

/** Streams are open again, and VIPs at home. */
const CALM_AGAIN_MS = 4_000;

export function drawCutOffs(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  for (let at = from + random.between(500, 2_500); at < until - 2_000;) {
    const end = at + episodes.share(1.5, 5);
    const isApart = setup.controllers > 2 && random.chance(0.7);
    (isApart ? sides : outcasts)(episodes, at, end);
    at = end + random.between(CALM_AGAIN_MS, 2 * CALM_AGAIN_MS);
  }
  return episodes.sorted();
}

function outcasts(episodes: Episodes, at: number, end: number): void {
  const { random } = episodes;
  episodes.apart(at, end, union(episodes.hosts()), union(episodes.controllers()));
  if (random.chance(0.3)) episodes.add('killAgent', at + random.between(0, 500), end - at, episodes.host(), 0, 1);
}

/** A part of the hosts with a minority of the controllers; one of the majority forgets what it knew of these hosts. */
function sides(episodes: Episodes, at: number, end: number): void {
  const { random } = episodes;
  const [forgetful = 0, other = 0, ...minority] = episodes.controllers();
  const hosts = episodes.hosts();
  const count = random.between(1, hosts.length - 1);
  const here = union([...hosts.slice(0, count), forgetful, other]);
  const there = union([...hosts.slice(count), ...minority]);
  episodes.cut(at, end, here, there);
  if (random.chance(0.3)) episodes.cut(at, end, there, here);
  const off = Math.max(0, at - random.between(200, 4_500));
  episodes.add('killController', off, at - off + random.between(0, 1_000), episodes.numberOf(forgetful));
}
