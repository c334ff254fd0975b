/**
 * A controller and a host that do not hear each other until the end, while every other controller hears the host: the
 * controller may become master, and others may be lost meanwhile, whose VIPs must not wait for that host.
 */
import { type Action, MASTER } from './actions.ts';
import { Episodes, FOR_EVER_MS } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawDeafness(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  const [likelyMaster = 0, ...others] = episodes.likelyMasterFirst();
  const deaf = random.chance(0.6) ? likelyMaster : random.pick(others);
  // From the very beginning, or from before or after another fault.
  const begin = random.pick([random.between(50, 1_500), from + random.between(0, 3_000)]);
  const [unheard = 0, ...rest] = episodes.hosts();
  episodes.apart(begin, until, deaf, unheard);
  const later = Math.max(begin, from) + random.between(0, 3_000);
  if (random.chance(0.6)) {
    const kind = random.pick(['power', 'killAgent'] as const);
    // Sometimes nobody is left but the host that is not heard.
    const lost = random.chance(0.2) ? rest : [random.pick(rest)];
    for (const host of lost) episodes.add(kind, later, FOR_EVER_MS, Math.log2(host), 0, 0);
  }
  const sooner = random.between(from, later);
  if (random.chance(0.3)) episodes.add('resign', sooner, 0, MASTER);
  if (random.chance(0.3)) {
    episodes.add('killController', sooner, random.between(10, 1_500), MASTER, 0, random.between(0, 1));
  }
  if (random.chance(0.3)) episodes.add('addVip', later, 0, 0);
  return episodes.sorted();
}
