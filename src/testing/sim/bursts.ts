/**
 * Schedules in bursts, each on one host: an agent that is held up between two effects and dies right after it goes on,
 * and one that is restarted while a VIP is on its way to it or from it.
 */
import type { Action } from './actions.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawBursts(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const { leaseMs, heartbeatMs } = setup.timing;
  const actions: Action[] = [];
  // No probe covers for what a rule of the fence should have silenced.
  const hosts = 2 ** setup.hosts - 1;
  if (random.chance(0.6)) actions.push({ kind: 'cut', at: from, ms: until - from, a: hosts, b: hosts, c: 2 });
  const share = (least: number, most: number): number =>
    Math.round(leaseMs * (least + random.fraction() * (most - least)));
  for (let at = from; at < until; at += share(2.5, 5)) {
    const a = random.between(0, setup.hosts - 1);
    const kind = random.pick(['freezeAgent', 'killAgent'] as const);
    const burst = random.pick(['checked', 'between', 'moved'] as const);
    if (burst === 'checked') {
      // Held up between a look at the clock and what follows from it, and once more right after that.
      const ms = heartbeatMs + share(0, 0.5);
      actions.push({ kind: 'freezeAgent', at, ms, a, b: random.between(1, 9), c: 0 });
      const next = at + heartbeatMs + random.between(5, 40);
      actions.push({ kind, at: next, ms: share(1.3, 2.5), a, b: random.between(1, 2), c: 0 });
    } else if (burst === 'between') {
      // The second ambush is laid while the first one has the process, and strikes as soon as it goes on.
      const ms = heartbeatMs + share(0.1, 0.7);
      actions.push({ kind: 'freezeAgent', at, ms, a, b: random.between(1, 12), c: 0 });
      const next = at + heartbeatMs + random.between(5, 60);
      actions.push({ kind, at: next, ms: share(1, 2.5), a, b: random.between(1, 6), c: 0 });
    } else {
      actions.push({ kind: 'home', at, ms: 0, a: random.between(0, 7), b: random.between(0, 40), c: 0 });
      const killed = at + random.between(1, 60);
      const ms = random.chance(0.8) ? share(0.01, 0.4) : share(0.8, 1.5);
      actions.push({ kind: 'killAgent', at: killed, ms, a, b: random.between(0, 12), c: random.chance(0.3) ? 1 : 0 });
    }
  }
  return actions.sort((left, right) => left.at - right.at);
}
