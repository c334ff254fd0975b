import { describe, expect, it } from '@jest/globals';
import { check, checkState, n, nodeEntry, pool, v } from '../testing/core-builders.ts';
import { HealthRig } from '../testing/health-rig.ts';
import { checkName } from './checks.ts';
import { type HealthSpec, NO_HEALTH } from './health-spec.ts';
import { type SignalWorld, signalsOf } from './health-signals.ts';
import { NO_SETTINGS } from './node-settings.ts';
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
    settingsOf: () => NO_SETTINGS,
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
