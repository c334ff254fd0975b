/** Draws one fault of a kind. */
import type { Action, ActionKind } from './actions.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawAction(random: SeededRandom, kind: ActionKind, setup: Setup, at: number): Action {
  const { leaseMs } = setup.timing;
  const machines = setup.hosts + (setup.shared ? 0 : setup.controllers);
  const everything = 2 ** machines - 1;
  // From a blink to several leases.
  const ms = Math.round(
    leaseMs * random.pick([0.02, 0.2, 0.6, 0.9, 1, 1.1, 1.3, 2, 4, 8]) * (0.8 + 0.4 * random.fraction()),
  );
  const base = { kind, at, ms, a: 0, b: 0, c: 0 };
  const effects = random.chance(0.6) ? random.between(1, 30) : 0;
  switch (kind) {
    case 'power':
      return { ...base, ms: Math.max(ms, leaseMs / 2), a: random.between(0, machines - 1) };
    case 'killAgent':
      return { ...base, a: random.between(0, setup.hosts - 1), b: effects, c: random.chance(0.2) ? 1 : 0 };
    case 'killController':
      return { ...base, a: random.between(0, setup.controllers - 1), b: effects, c: random.chance(0.4) ? 1 : 0 };
    case 'freezeAgent':
      return { ...base, a: random.between(0, setup.hosts - 1), b: effects };
    case 'freezeController':
      return { ...base, a: random.between(0, setup.controllers - 1), b: effects };
    case 'cut': {
      const [from, to] = drawCut(random, machines, everything);
      return { ...base, a: from, b: to, c: random.pick([1, 1, 1, 2, 3, 3]) };
    }
    case 'lossy':
      return { ...base, ms: ms * 2, a: everything, b: random.between(1, everything), c: random.pick([5, 20, 60]) };
    case 'slow':
      return {
        ...base,
        a: random.between(1, everything),
        b: everything,
        c: Math.round(leaseMs * random.pick([0.1, 0.5, 3])),
      };
    case 'storeDown':
    case 'sourceDown':
      return { ...base, ms: ms * 3 };
    case 'storeCut':
    case 'sourceCut':
      return { ...base, ms: ms * 3, a: random.between(1, 2 ** setup.controllers - 1) };
    case 'stopAgent':
      return { ...base, a: random.between(0, setup.hosts - 1), b: random.between(0, 1) };
    case 'carrier':
    case 'loseAddress':
      return { ...base, a: random.between(0, setup.hosts - 1), b: random.between(0, 20) };
    case 'checkFails':
      return {
        ...base,
        ms: ms * 3,
        a: random.between(0, setup.hosts - 1),
        b: random.between(0, 7),
        c: random.between(0, 2),
      };
    case 'drain':
    case 'weight':
      return { ...base, ms: ms * 3, a: random.between(0, setup.hosts - 1), b: random.between(0, 1) };
    case 'members':
      return { ...base, ms: ms * 3, a: random.between(0, 7), b: random.between(1, 2 ** setup.hosts - 1) };
    case 'stopController':
    case 'resign':
      return { ...base, a: random.between(0, setup.controllers - 1) };
    case 'blackout':
      return { ...base, ms: ms * 3, a: everything, b: everything, c: 1 };
    case 'isolate':
      return { ...base, a: random.between(0, setup.controllers - 1), b: random.between(1, 3), c: random.between(1, 3) };
    case 'switch':
      return { ...base, ms: ms * 4 };
    case 'blackHole':
      return { ...base, ms: ms * 4, a: random.between(0, setup.hosts - 1), b: random.between(1, 3) };
    case 'electorate':
    case 'configure':
      return { ...base, a: random.between(0, setup.controllers - 1), b: random.between(1, 2 ** setup.controllers - 1) };
    case 'twin':
      return { ...base, a: random.between(0, setup.hosts - 1), b: random.between(0, setup.hosts - 1) };
    case 'declare':
    case 'rules':
    case 'role':
    case 'task':
      return { ...base, a: random.between(0, 7), b: random.between(0, 999), c: random.between(0, 9) };
    case 'addVip':
    case 'removeVip':
    case 'policy':
    case 'home':
    case 'checks':
      return { ...base, a: random.between(0, 7), b: random.between(0, 40) };
  }
}

/** One machine alone, a pair, a split; in both directions or in one. */
function drawCut(random: SeededRandom, machines: number, everything: number): readonly [from: number, to: number] {
  const one = 2 ** random.between(0, machines - 1);
  const some = random.between(1, everything - 1);
  switch (random.between(0, 5)) {
    case 0:
      return [one, everything ^ one];
    case 1:
      return [everything ^ one, one];
    case 2:
      return [one | (everything ^ one), one | (2 ** random.between(0, machines - 1))];
    case 3:
      return [some, everything ^ some];
    case 4: {
      const other = 2 ** random.between(0, machines - 1);
      return [one | other, one | other];
    }
    default:
      // Nothing between this machine and anybody: both directions.
      return [everything, one];
  }
}
