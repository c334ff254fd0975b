/**
 * Schedules in phases: in each of them another part of the controllers hears a host, links between controllers carry
 * one way only, and now and then a controller forgets. This is how a table of leases becomes old without anybody's
 * knowing, which faults that are drawn one by one hardly ever bring about.
 */
import type { Action } from './actions.ts';
import type { SeededRandom } from './random.ts';
import { controllerMachine, type Setup } from './setup.ts';

export function drawPhases(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const { leaseMs } = setup.timing;
  const machines = Array.from({ length: setup.controllers }, (_, index) => controllerMachine(setup, index));
  const hosts = random.chance(0.7) ? [random.between(0, setup.hosts - 1)] : [0, 1];
  const all = 2 ** (setup.hosts + (setup.shared ? 0 : setup.controllers)) - 1;
  const actions: Action[] = [];
  for (let at = from; at < until;) {
    const ms = Math.round(leaseMs * (0.3 + random.fraction() * 2.2));
    const base = { at, ms: Math.min(ms, until - at), a: 0, b: 0, c: 1 };
    for (const host of hosts) {
      const unheard = machines.filter(() => random.chance(0.4)).reduce((mask, machine) => mask | (2 ** machine), 0);
      if (unheard > 0) actions.push({ ...base, kind: 'cut', a: 2 ** host, b: unheard });
    }
    for (const one of machines) {
      for (const other of machines) {
        if (one !== other && random.chance(0.15)) actions.push({ ...base, kind: 'cut', a: 2 ** one, b: 2 ** other });
      }
    }
    const later = at + random.between(0, ms);
    const victim = random.between(0, setup.controllers - 1);
    const short = random.between(10, 400);
    if (random.chance(0.35)) {
      actions.push({ kind: 'killController', at: later, ms: short, a: victim, b: random.between(0, 9), c: 1 });
    }
    if (random.chance(0.15)) {
      actions.push({ kind: 'freezeController', at: later, ms: ms >> 1, a: victim, b: random.between(0, 9), c: 0 });
    }
    if (random.chance(0.15)) {
      const a = random.pick(hosts);
      actions.push({ kind: 'killAgent', at: later, ms: short, a, b: random.between(0, 9), c: random.between(0, 1) });
    }
    if (random.chance(0.15)) {
      actions.push({ kind: 'freezeAgent', at: later, ms, a: random.pick(hosts), b: random.between(0, 9), c: 0 });
    }
    if (random.chance(0.1)) actions.push({ ...base, kind: 'slow', a: all, b: all, c: Math.round(leaseMs / 2) });
    if (random.chance(0.1)) actions.push({ ...base, kind: 'storeCut', a: 2 ** victim, c: 0 });
    if (random.chance(0.15)) {
      actions.push({ kind: 'home', at: later, ms: 0, a: random.between(0, 7), b: random.between(0, 40), c: 0 });
    }
    at += ms;
  }
  return actions.sort((left, right) => left.at - right.at);
}
