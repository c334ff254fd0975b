/** Schedules of tasks: VIPs that are moved and brought home, while hosts, masters and rules change. */
import { type Action, MASTER } from './actions.ts';
import { DRAIN, DRY_MOVE, FAILBACK_ALL, FAILBACK_ONE, FAILBACK_POOL, MOVE, UNDRAIN } from './administration.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import { begin, type Draw, edited, ill, lost, successor } from './rule-episodes.ts';
import type { Setup } from './setup.ts';

export function drawTasks(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  begin(episodes, from);
  for (let at = from + 100; at < until;) {
    const task = random.pick([moved, moved, there, several, queued, doomed, orphaned]);
    const passed = task(episodes, at);
    if (random.chance(0.7)) {
      // Before the task has been seen, while it is carried out, or when it is over.
      const later = random.pick([random.between(-30, 40), random.between(0, 400), random.between(400, 3_000)]);
      random.pick([successor, successor, successor, lost, ill, edited, unreachable])(
        episodes,
        Math.max(from, at + later),
      );
    }
    at += passed + (random.chance(0.3) ? random.between(6_000, 8_000) : random.between(100, 2_500));
  }
  return episodes.sorted();
}

const moved: Draw = (episodes, at) => {
  const { random } = episodes;
  episodes.add('task', at, 0, random.between(0, 1), random.between(0, 999), random.pick([MOVE, MOVE, MOVE, DRY_MOVE]));
  return 500;
};

/** There and back. */
const there: Draw = (episodes, at) => {
  const { random } = episodes;
  const [pool, which] = [random.between(0, 1), random.between(0, 999)];
  const ms = random.pick([random.between(0, 300), random.between(500, 6_500)]);
  episodes.add('task', at, 0, pool, which, MOVE);
  episodes.add('task', at + ms, 0, pool, which, random.pick([FAILBACK_ONE, FAILBACK_POOL, FAILBACK_ALL]));
  return ms;
};

/** One after the other, about the same VIPs. */
const several: Draw = (episodes, at) => {
  const { random } = episodes;
  const [pool, which] = [random.between(0, 1), random.between(0, 999)];
  for (let time = 0; time < 3; time++)
    episodes.add('task', at + random.between(0, 300), 0, pool, which + 6 * random.between(0, 3), random.between(0, 4));
  return 500;
};

/** One that has to wait for another, and a third that need not wait for that one. */
const queued: Draw = (episodes, at) => {
  const { random } = episodes;
  const [pool, which] = [random.between(0, 1), random.between(0, 999)];
  episodes.add('task', at, 0, pool, which, MOVE);
  episodes.add('task', at + random.between(0, 5), 0, pool, which, random.pick([FAILBACK_POOL, FAILBACK_ALL]));
  episodes.add('task', at + random.between(5, 10), 0, pool, which + random.between(1, 5), MOVE);
  return 500;
};

/** The host is lost, or drained, while the VIP is on its way there, and for longer than anybody waits. */
const doomed: Draw = (episodes, at) => {
  const { random, setup } = episodes;
  const [pool, which] = [random.between(0, 1), random.between(0, 999)];
  const host = (pool + which) % setup.hosts;
  const ms = random.between(6_500, 8_500);
  const later = at + random.between(5, 60);
  episodes.add('task', at, 0, pool, which, MOVE);
  if (random.chance(0.5)) {
    episodes.add('killAgent', later, ms, host, 0, 1);
  } else {
    episodes.add('declare', later, 0, host, DRAIN);
    episodes.add('declare', later + ms, 0, host, UNDRAIN);
  }
  return ms;
};

/** The master dies while it begins, and its successor finds that the VIP cannot go there any more. */
const orphaned: Draw = (episodes, at) => {
  const { random, setup } = episodes;
  const [pool, which] = [random.between(0, 1), random.between(0, 999)];
  episodes.add('task', at, 0, pool, which, MOVE);
  episodes.add('carrier', at + random.between(10, 120), random.between(2_000, 8_500), (pool + which) % setup.hosts);
  episodes.add('killController', at + random.between(6, 25), random.between(0, 4_000), MASTER);
  return 500;
};

/** Nothing is read or written for a while. A controller that alone sees nothing may do again what it missed. */
const unreachable: Draw = (episodes, at) => {
  const ms = episodes.random.between(100, 3_000);
  episodes.add('sourceDown', at, ms, 0);
  return ms;
};
