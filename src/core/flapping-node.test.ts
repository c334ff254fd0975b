/** Nodes that fail and come back again and again, in virtual time: how often their VIP moves, and when it is home at last. */
import { describe, expect, it } from '@jest/globals';
import { applied, check, checkState, healthReport, lease, link, n, pool, v } from '../testing/core-builders.ts';
import { HealthRig } from '../testing/health-rig.ts';
import type { Check } from './checks.ts';
import { NO_HEALTH } from './health-spec.ts';
import { type NodeEntry, nodeHealth, nodeSaidHello } from './node-table.ts';
import { poolName } from './ids.ts';
import type { Pool } from './pool.ts';
import { monotonic } from './time.ts';

const [A, B, C] = ['node-a', 'node-b', 'node-c'] as const;
const VIP = v('192.0.2.1');
const SECOND = 1_000;
const DOWN_SECONDS = 5;
const UP_SECONDS = 35;
/** Two good runs, 2 s apart. */
const RISE_SECONDS = 2;

const atHome = (over: Partial<Pool> = {}): Pool => pool({ vips: [VIP], homes: new Map([[VIP, n(A)]]), ...over });

const entryOf = (rig: HealthRig, node: string): NodeEntry => {
  const entry = rig.entries.get(n(node));
  if (!entry) throw new Error(`no ${node}`);
  return entry;
};

let number = 0;

function report(rig: HealthRig, node: string, over: Parameters<typeof healthReport>[0]): void {
  const entry = entryOf(rig, node);
  const table = nodeHealth(
    rig.entries,
    entry,
    healthReport({ number: ++number, ...over }),
    monotonic(rig.now),
    rig.pools,
  );
  rig.change(node, table?.get(n(node)) ?? {});
}

const carrier = (rig: HealthRig, node: string, isUp: boolean): void =>
  report(rig, node, { interfaces: [link({ carrier: isUp })] });

const answers = (rig: HealthRig, node: string, isHeard: boolean): void =>
  report(rig, node, { reach: [{ interface: 's0', state: isHeard ? 'Answered' : 'Silent' }] });

function dies(rig: HealthRig, node: string): void {
  rig.change(node, { gone: 'lease-ended', lastHeard: monotonic(rig.now) });
}

/** Another life of it, as its first messages tell. */
function boots(rig: HealthRig, node: string): void {
  const life = lease(`life-${++number}-of-${node}`);
  const hello = {
    node: n(node),
    machineId: '',
    bootId: 'boot',
    lease: life,
    leaseHeldMs: 0,
    labels: {},
    agentVersion: '',
    electorate: '',
    witnessAddress: '',
    answersMulticast: false,
  } as unknown as Parameters<typeof nodeSaidHello>[1];
  const table = nodeSaidHello(rig.entries, hello, number, monotonic(rig.now), undefined, rig.pools);
  const { highestTerm } = entryOf(rig, node);
  rig.change(node, table?.get(n(node)) ?? {});
  rig.change(node, { leaseValid: true, highestTerm, applied: applied(node, { lease: life }) });
  carrier(rig, node, true);
}

type Fault = (rig: HealthRig, isWell: boolean) => void;

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['its network card loses its carrier', (rig, isWell) => carrier(rig, A, isWell)],
  ['nobody answers it', (rig, isWell) => answers(rig, A, isWell)],
  ['its lease ends', (rig, isWell) => (isWell ? boots(rig, A) : dies(rig, A))],
];

const newRig = (over: Partial<Pool> = {}): HealthRig => {
  const rig = new HealthRig([atHome(over)], A, B, C);
  for (const node of [A, B, C]) answers(rig, node, true);
  return rig.step();
};

/** Fails for so long, and is then well for so long, again and again for five minutes. */
function flaps(rig: HealthRig, fault: Fault, badMs: number, wellMs: number): void {
  for (let at = 0; at < 300 * SECOND; at += badMs + wellMs) {
    fault(rig, false);
    rig.step().run(badMs);
    fault(rig, true);
    rig.step().run(wellMs);
  }
}

function returnMs(rig: HealthRig): number {
  const since = rig.now;
  rig.step().run(3_600 * SECOND);
  const home = rig.moves.find(({ at, to }) => at >= since && to === n(A));
  return (home?.at ?? Number.NaN) - since;
}

describe.each(FAULTS)('a node that fails again and again: %s', (_, fault) => {
  it('moves its VIP at most 3 times in five minutes', () => {
    const rig = newRig();
    flaps(rig, fault, DOWN_SECONDS * SECOND, UP_SECONDS * SECOND);
    expect(rig.moves.length).toBeGreaterThan(0);
    expect(rig.moves.length).toBeLessThanOrEqual(3);
  });

  it('moves it no more often where it fails each second and nothing waits', () => {
    const rig = newRig({ failback: { policy: 'Automatic', delayMs: 0 } });
    flaps(rig, fault, 300, 700);
    expect(rig.moves.length).toBeLessThanOrEqual(3);
    expect(returnMs(rig)).toBeLessThanOrEqual(30 * SECOND);
  });

  it('waits no longer than the failback delay after the first time', () => {
    const rig = newRig();
    fault(rig, false);
    rig.step().run(5 * SECOND);
    fault(rig, true);
    expect(returnMs(rig)).toBe(30 * SECOND);
  });

  it('waits for base more after the second time, and for no longer than that again once the window has passed', () => {
    const rig = newRig();
    for (const waits of [30, 60, 90]) {
      fault(rig, false);
      rig.step().run(5 * SECOND);
      fault(rig, true);
      const before = rig.now;
      rig.step().run(waits * SECOND - 1);
      expect(rig.holder(VIP)).not.toBe(n(A));
      rig.run(1);
      expect([waits, rig.holder(VIP), rig.now - before]).toEqual([waits, n(A), waits * SECOND]);
    }
    rig.run(700 * SECOND);
    fault(rig, false);
    rig.step().run(5 * SECOND);
    fault(rig, true);
    expect(returnMs(rig)).toBe(30 * SECOND);
  });

  it('is given what nobody else can hold', () => {
    const rig = newRig();
    for (let time = 0; time < 4; time++) {
      fault(rig, false);
      rig.step().run(SECOND);
      fault(rig, true);
      rig.step().run(SECOND);
    }
    expect(rig.holder(VIP)).not.toBe(n(A));
    dies(rig, B);
    dies(rig, C);
    rig.step().run(1);
    expect(rig.holder(VIP)).toBe(n(A));
  });

  it('is not held off where the pool wants no damping', () => {
    const rig = newRig({ health: { ...NO_HEALTH, damping: { ...NO_HEALTH.damping, baseMs: 0 } } });
    for (let time = 0; time < 4; time++) {
      fault(rig, false);
      rig.step().run(SECOND);
      fault(rig, true);
      rig.step().run(SECOND);
    }
    expect(returnMs(rig)).toBe(29 * SECOND);
  });

  it('is held off by the damping of each pool', () => {
    const other = v('192.0.2.2');
    const undamped = pool({
      name: poolName('undamped'),
      vips: [other],
      homes: new Map([[other, n(A)]]),
      health: { ...NO_HEALTH, damping: { ...NO_HEALTH.damping, baseMs: 0 } },
    });
    const rig = new HealthRig([atHome(), undamped], A, B, C);
    for (const node of [A, B, C]) answers(rig, node, true);
    for (let time = 0; time < 2; time++) {
      fault(rig, false);
      rig.step().run(SECOND);
      fault(rig, true);
      rig.step().run(SECOND);
    }
    rig.run(30 * SECOND);
    expect([rig.holder(VIP) === n(A), rig.holder(other)]).toEqual([false, n(A)]);
  });

  it('is not held off for what every node of the pool suffers', () => {
    const rig = newRig();
    for (let time = 0; time < 4; time++) {
      fault(rig, false);
      for (const node of [B, C]) answers(rig, node, false);
      rig.step().run(SECOND);
      fault(rig, true);
      for (const node of [B, C]) answers(rig, node, true);
      rig.step().run(SECOND);
    }
    expect(rig.entries.get(n(A))?.flaps.faults).toEqual([]);
  });
});

/** Moves of a VIP in five minutes, from and to its home with this card. @param failsAfter seconds without carrier */
function movesWith(checks: readonly Check[], failsAfter: number): number {
  const rig = new HealthRig([atHome({ health: { ...NO_HEALTH, checks } })], A, B);
  for (let second = 0; second < 300; second++) {
    const phase = second % (DOWN_SECONDS + UP_SECONDS);
    const isWell = phase < failsAfter || phase >= DOWN_SECONDS + RISE_SECONDS;
    const said = checks.map(({ name }) => checkState(name, isWell ? 'Passing' : 'Failing', { sinceMs: 0 }));
    report(rig, A, { interfaces: [link({ carrier: phase >= DOWN_SECONDS })], checks: said });
    rig.step().run(SECOND);
  }
  return rig.moves.length;
}

describe('a network card that flaps and that a check looks at', () => {
  it.each([
    ['interface', 'at once', { type: 'interface', interface: '' }, 0],
    ['gateway', 'after three runs', { type: 'gateway', address: '', interface: '' }, 3],
  ] as const)('moves its VIP at most 3 times with a check of type %s, which fails %s', (name, _, probe, failsAfter) => {
    const moves = movesWith([check(name, { probe })], failsAfter);
    expect(moves).toBeGreaterThan(0);
    expect(moves).toBeLessThanOrEqual(3);
  });
});
