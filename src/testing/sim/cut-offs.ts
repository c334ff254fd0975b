/**
 * No host reaches a controller for longer than a lease, and hosts of pools that hold go on with what peers confirm. When the
 * controllers are back their master has taken more than half of a pool for lost: it gives VIPs to whoever it hears first,
 * while leases of others may still be taken up again.
 */
import type { Action } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

/** Streams are open again, and VIPs at home. */
const CALM_AGAIN_MS = 4_000;

export function drawCutOffs(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  const mask = (machines: readonly number[]): number => machines.reduce((all, machine) => all | machine, 0);
  const [hosts, controllers] = [mask(episodes.hosts()), mask(episodes.controllers())];
  episodes.deafen(from);
  for (let at = from + random.between(500, 2_500); at < until - 2_000;) {
    const end = at + episodes.share(1.5, 4);
    episodes.apart(at, end, hosts, controllers);
    if (random.chance(0.3)) episodes.add('killAgent', at + random.between(0, 500), end - at, episodes.host(), 0, 1);
    at = end + random.between(CALM_AGAIN_MS, 2 * CALM_AGAIN_MS);
  }
  return episodes.sorted();
}
