/** Schedules of hosts that fail for a moment, once or again and again: each alone, or all of them at once. */
import { LOST_ROUNDS } from '../../core/agent/reach.ts';
import { reachTiming, revokeAfterMs } from '../../core/timing.ts';
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

const MUTE_AND_DEAF = 3;
const FORGETS = 1;
/** Longer than the failback delay of these worlds, and shorter than it and the shortest hold-off together. */
const WELL_MS = [700, 1_200] as const;
/** Window, the longest hold-off and the delay: what was before is forgotten. */
const FORGOTTEN_MS = 9_000;
/** An agent that starts has a lease. */
const RENEWED_MS = 200;

const AILMENTS = ['carrier', 'carrier', 'network', 'lease'] as const;
type Ailment = (typeof AILMENTS)[number];

export function drawFlaps(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  // Who was never answered misses nobody.
  let at = from + LOST_ROUNDS * reachTiming(setup.timing).roundMs;
  while (at < until) {
    const ailment = random.pick(AILMENTS);
    const hosts = random.chance(0.3) ? Array.from({ length: setup.hosts }, (_, host) => host) : [episodes.host()];
    if (random.chance(0.2)) episodes.add('resign', at + random.between(0, 2_000), 0, MASTER);
    for (let times = random.pick([1, 2, 2, 3, 4]); times > 0; times--) {
      at += fail(episodes, at, ailment, hosts) + random.between(...WELL_MS);
    }
    at += random.chance(0.4) ? FORGOTTEN_MS : random.between(500, 3_000);
  }
  return episodes.sorted();
}

/** All of these hosts at once. Returns how long it lasts. */
function fail(episodes: Episodes, at: number, ailment: Ailment, hosts: readonly number[]): number {
  const { random, setup } = episodes;
  switch (ailment) {
    case 'carrier': {
      const ms = random.between(150, 900);
      for (const host of hosts) episodes.add('carrier', at, ms, host);
      return ms;
    }
    case 'network': {
      const { roundMs, answerMs } = reachTiming(setup.timing);
      const ms = (LOST_ROUNDS + 1) * roundMs + answerMs + random.between(0, 500);
      if (hosts.length > 1) episodes.add('switch', at, ms, 0);
      else for (const host of hosts) episodes.add('blackHole', at, ms, host, MUTE_AND_DEAF);
      // Some rounds have to be answered first.
      return ms + LOST_ROUNDS * roundMs;
    }
    case 'lease': {
      const ms = revokeAfterMs(setup.timing) + random.between(100, 600);
      for (const host of hosts) episodes.add('killAgent', at, ms, host, 0, FORGETS);
      return ms + RENEWED_MS;
    }
  }
}
