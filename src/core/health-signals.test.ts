import { describe, expect, it } from '@jest/globals';
import { check, checkState, n, nodeEntry, pool, v } from '../testing/core-builders.ts';
import { HealthRig } from '../testing/health-rig.ts';
import { checkName } from './checks.ts';
import { type HealthSpec, NO_HEALTH } from './health-spec.ts';
import { type SignalWorld, signalsOf } from './health-signals.ts';
import type { NodeEntry } from './node-table.ts';
import { NO_RULES } from './placement/rules.ts';
import { NO_SIGNALS, type Signals, usedPercent } from './placement/signals.ts';
import type { Pool } from './pool.ts';

const [A, B] = ['node-a', 'node-b'] as const;
const VIP = v('192.0.2.1');
const health = (over: Partial<HealthSpec> = {}): HealthSpec => ({ ...NO_HEALTH, checks: [check('nfs')], ...over });
const rig = (over: Partial<Pool>, ...nodes: readonly string[]): HealthRig =>
  new HealthRig([pool({ vips: [VIP], homes: new Map([[VIP, n(A)]]), health: health(), ...over })], ...nodes);

describe('following', () => {
  const follow = { kind: 'Check', check: checkName('primary') } as const;
  const primary = (over: Partial<Pool> = {}): Partial<Pool> => ({
    homes: new Map(),
    placement: { ...NO_RULES, follow },
    health: health({
      checks: [check('primary', { probe: { type: 'tcp', host: '127.0.0.1', port: 5432 } }), check('nfs')],
    }),
    ...over,
  });

  const [VIP2, C] = [v('192.0.2.2'), 'node-c'];
  const lost = checkState('primary', 'Failing', { sinceMs: 0 });
  const won = checkState('primary', 'Passing', { sinceMs: 0 });

  it.each([
    ['with the usual delay', 30_000],
    ['without any delay', 0],
  ])('a followed check that flips every second for 5 minutes moves a VIP at most 3 times %s', (_, delayMs) => {
    const failback = { policy: 'Automatic', delayMs } as const;
    const world = rig(primary({ vips: [VIP, VIP2], failback }), A, B, C).report(A, lost);
    world.moves.length = 0;
    for (let second = 0; second < 300; second++) world.report(B, second % 2 === 0 ? lost : won).run(1_000);
    expect(world.moves.length).toBeGreaterThan(0);
    expect(world.moves.length).toBeLessThanOrEqual(3);
    world.report(B, won).run(90_000);
    expect([...world.holders()].sort()).toEqual([B, C]);
  });

  it('a role that changes hands every second for 5 minutes moves a VIP at most 3 times', () => {
    const world = rig(primary(), A, B).report(B, lost);
    for (let second = 0; second < 300; second++) {
      const [loser, winner] = second % 2 === 0 ? [A, B] : [B, A];
      world.report(loser, lost).report(winner, won).run(1_000);
    }
    expect(world.moves.length).toBeLessThanOrEqual(3);
  });

  it('a role that has come to stay is followed after base, however often it changed hands before', () => {
    const world = rig(primary(), A, B).report(B, lost);
    for (let round = 0; round < 8; round++) {
      world.report(A, lost).report(B, won).run(1_000);
      if (round < 7) world.report(B, lost).report(A, won).run(1_000);
    }
    expect(world.run(28_000).holder(VIP)).toBe(A);
    expect(world.run(1_000).holder(VIP)).toBe(B);
  });

  it('a node that is held off and has the role keeps its VIPs when another gets it too', () => {
    const world = rig(primary(), A, B);
    for (let round = 0; round < 3; round++) world.report(B, lost).report(B, won).run(31_000);
    world.report(A, lost);
    expect(world.holder(VIP)).toBe(B);
    world.report(A, won).run(1_000);
    expect(world.holder(VIP)).toBe(B);
  });

  it('a node that has had the role again for less than the delay is given nothing back', () => {
    const world = rig(primary({ vips: [VIP, VIP2] }), A, B, C)
      .report(A, lost)
      .report(B, lost);
    world.moves.length = 0;
    world.report(B, won).run(29_999);
    expect(world.moves).toEqual([]);
    expect(world.run(1).moves).toHaveLength(1);
  });

  it('nothing moves while a check that passes everywhere is looked at anew, and nothing comes to where it is', () => {
    const vips = Array.from({ length: 8 }, (_, i) => v(`192.0.2.${i + 1}`));
    const world = rig(primary({ vips }), A, B, C).run(120_000);
    const before = world.holders();
    expect(new Set(before).size).toBe(3);
    const unclear = checkState('primary', 'Pending', { sinceMs: 0 });
    world
      .report(A, unclear)
      .report(B, unclear)
      .report(C, unclear)
      .run(100)
      .report(B, won)
      .run(100)
      .report(C, won)
      .run(5_000);
    expect(world.holders()).toEqual(before);
    world.change(B, { gone: 'lease-ended' });
    world.step();
    expect(world.holders().filter((node) => node === A)).toEqual(before.filter((node) => node === A));
    expect(world.holders()).not.toContain(B);
    world.report(A, lost);
    expect(new Set(world.holders())).toEqual(new Set([C]));
  });

  it('the VIPs of a pool are where its check passes, which is no fault elsewhere', () => {
    const world = rig(primary(), A, B);
    world.report(B, checkState('primary', 'Failing'));
    expect(world.holder(VIP)).toBe(A);
    world.report(A, checkState('primary', 'Failing'));
    expect(world.holder(VIP)).toBe(A);
    world.report(B, checkState('primary'));
    expect(world.holder(VIP)).toBe(B);
    expect(world.moves.at(-1)?.reason).toBe('NotFollowed');
  });

  it('they are where the master is', () => {
    const world = rig({ homes: new Map(), placement: { ...NO_RULES, follow: { kind: 'Master' } } }, A, B);
    world.masterNode = n(B);
    expect(world.step().holder(VIP)).toBe(B);
    world.masterNode = n(A);
    expect(world.step().holder(VIP)).toBe(A);
  });
});

describe('C1 the load that nodes report', () => {
  const vips = [1, 2, 3, 4].map((last) => v(`192.0.2.${last}`));
  const capacity = { highPercent: 90, lowPercent: 75 };
  const free = (...used: readonly (number | undefined)[]): Signals['freeCapacity'] => {
    const nodes = used.map((processorPercent, index) =>
      nodeEntry(`node-${index}`, {
        load: processorPercent === undefined ? undefined : { processorPercent, memoryPercent: 10 },
      }),
    );
    return signalsOf(before, worldOf(nodes, [pool({ placement: { ...NO_RULES, capacity } })])).freeCapacity;
  };
  let before: Signals = NO_SIGNALS;
  const worldOf = (nodes: readonly NodeEntry[], pools: readonly Pool[]): SignalWorld => ({
    pools,
    nodes: new Map(nodes.map((entry) => [entry.node, entry])),
    settings: new Map(),
    book: new Map(),
    masterNode: n('nowhere'),
  });

  it('keeps further VIPs away from a full node, and leaves those that it has, until it is below the low mark', () => {
    const world = rig({ vips, homes: new Map(), placement: { ...NO_RULES, capacity } }, A, B);
    const load = (memoryPercent: number): HealthRig => {
      world.change(A, { load: { processorPercent: 5, memoryPercent } });
      return world.step();
    };
    const onA = (): number => world.holders().filter((node) => node === A).length;
    expect(load(95).holders()).toHaveLength(4);
    expect(onA()).toBe(2);
    world.settle(A, { maintenance: true }).settle(A, { maintenance: false }).run(600_000);
    expect(onA()).toBe(0);
    load(80).run(600_000);
    expect(onA()).toBe(0);
    load(70).run(600_000);
    expect(onA()).toBe(2);
  });

  it('is that of the scarcest resource, of nodes that told it', () => {
    expect([...free(60, undefined, 3)].map(([node, part]) => [node, usedPercent(part)])).toEqual([
      ['node-0', 60],
      ['node-2', 10],
    ]);
  });

  it('is no news until it crosses a mark', () => {
    before = { ...NO_SIGNALS, freeCapacity: free(20, 80) };
    expect(free(60, 85)).toBe(before.freeCapacity);
    expect(free(60, 91)).not.toBe(before.freeCapacity);
    expect(free(76, 85)).not.toBe(before.freeCapacity);
  });

  it('does not matter where no pool looks at it', () => {
    const nodes = [nodeEntry(A, { load: { processorPercent: 99, memoryPercent: 99 } })];
    expect(signalsOf(NO_SIGNALS, worldOf(nodes, [pool()])).freeCapacity).toEqual(new Map());
  });
});
