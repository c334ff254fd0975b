/** A network card whose carrier comes and goes: only a check that was declared makes its node wait longer each time. */
import { describe, expect, it } from '@jest/globals';
import { check, checkState, healthReport, link, n, pool, v } from '../testing/core-builders.ts';
import { HealthRig } from '../testing/health-rig.ts';
import type { Check } from './checks.ts';
import { NO_HEALTH } from './health-spec.ts';
import { nodeHealth } from './node-table.ts';
import { monotonic } from './time.ts';

const [A, B] = ['node-a', 'node-b'] as const;
const VIP = v('192.0.2.1');
const SECOND = 1_000;
const DOWN_SECONDS = 5;
const UP_SECONDS = 35;
/** Two good runs, 2 s apart. */
const RISE_SECONDS = 2;

/** Moves of a VIP in five minutes, from and to its home with this card. @param failsAfter seconds without carrier */
function movesWith(checks: readonly Check[], failsAfter = 0): number {
  const health = { ...NO_HEALTH, checks };
  const rig = new HealthRig([pool({ vips: [VIP], homes: new Map([[VIP, n(A)]]), health })], A, B);
  let number = 0;
  for (let second = 0; second < 300; second++) {
    const phase = second % (DOWN_SECONDS + UP_SECONDS);
    const carrier = phase >= DOWN_SECONDS;
    const isWell = phase < failsAfter || phase >= DOWN_SECONDS + RISE_SECONDS;
    const said = checks.map(({ name }) => checkState(name, isWell ? 'Passing' : 'Failing', { sinceMs: 0 }));
    const entry = rig.entries.get(n(A));
    if (!entry) throw new Error('no node');
    const report = healthReport({ number: ++number, interfaces: [link({ carrier })], checks: said });
    const table = nodeHealth(rig.entries, entry, report, monotonic(rig.now), rig.pools);
    rig.change(A, table?.get(n(A)) ?? {});
    rig.step().run(SECOND);
  }
  return rig.moves.length;
}

describe('a network card that flaps', () => {
  it('moves its VIP with each failback delay, where nothing is declared', () => {
    expect(movesWith([])).toBeGreaterThan(10);
  });

  it.each([
    ['interface', 'at once', { type: 'interface', interface: '' }, 0],
    ['gateway', 'after three runs', { type: 'gateway', address: '', interface: '' }, 3],
  ] as const)('moves its VIP at most 3 times with a check of type %s, which fails %s', (name, _, probe, failsAfter) => {
    const moves = movesWith([check(name, { probe })], failsAfter);
    expect(moves).toBeGreaterThan(0);
    expect(moves).toBeLessThanOrEqual(3);
  });
});
