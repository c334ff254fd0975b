/** Schedules for pools that follow a check which passes on several hosts, and on some of them again and again. */
import { type Action } from './actions.ts';
import { LOSE, WIN } from './administration.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import { blip, type Draw, ill, lost } from './rule-episodes.ts';
import type { Setup } from './setup.ts';

export function drawRoles(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  for (const pool of [0, 1]) {
    for (let host = 0; host < setup.hosts; host++) {
      if (host < 2 || random.chance(0.5)) episodes.add('role', from, 0, pool, host, WIN);
    }
  }
  const kinds = [flapping, flapping, flapping, lasting, lost, ill, blip];
  for (let at = from + 1_000; at < until;) {
    at += random.pick(kinds)(episodes, at);
    at += random.chance(0.3) ? random.between(6_000, 8_000) : random.between(100, 2_500);
  }
  return episodes.sorted();
}

/** A host loses the role and has it again, several times; then another one may lose it for good. */
const flapping: Draw = (episodes, at) => {
  const { random, setup } = episodes;
  const pool = random.between(0, 1);
  const host = episodes.host();
  const times = random.between(1, 4);
  const [without, having] = [random.between(300, 800), random.between(300, 1_500)];
  for (let time = 0; time < times; time++) {
    episodes.add('role', at + time * (without + having), 0, pool, host, LOSE);
    episodes.add('role', at + time * (without + having) + without, 0, pool, host, WIN);
  }
  const ms = times * (without + having);
  if (random.chance(0.4))
    episodes.add('role', at + ms - having + random.between(200, 700), 0, pool, (host + 1) % setup.hosts, LOSE);
  return ms;
};

const lasting: Draw = (episodes, at) => {
  const { random } = episodes;
  episodes.add('role', at, 0, random.between(0, 1), episodes.host(), random.pick([LOSE, WIN, WIN]));
  return 500;
};
