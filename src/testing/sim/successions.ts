/** Schedules for one or two controllers: the lock goes over to who has never heard of a host that still holds a lease. */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import { drawPhases } from './phases.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawSuccessions(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  if (random.chance(0.4)) return drawPhases(random, setup, from, until);
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  for (let at = from; at < until;) {
    const [u = 0] = episodes.controllers();
    const change = at + episodes.share(1.2, 2.5);
    const end = change + episodes.share(1.5, 5);
    episodes.apart(at, end, 2 ** episodes.host(), u);
    episodes.add('killController', at + episodes.share(0, 0.3), random.between(5, 60), episodes.numberOf(u), 0, 1);
    const kind = random.pick([
      'resign',
      'stopController',
      'stopController',
      'freezeController',
      'isolate',
      'storeCut',
    ] as const);
    const who = kind === 'storeCut' ? 2 ** random.between(0, setup.controllers - 1) : MASTER;
    episodes.add(kind, change, end - change, who, 3, 1);
    at = end + episodes.share(0.5, 1.5);
  }
  return episodes.sorted();
}
