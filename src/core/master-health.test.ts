import { describe, expect, it } from '@jest/globals';
import { check, checkState, n, pool, v } from '../testing/core-builders.ts';
import { HealthRig } from '../testing/health-rig.ts';
import type { HealthSpec } from './health-spec.ts';
import { NO_HEALTH } from './health-spec.ts';
import { checkName } from './checks.ts';
import { poolName } from './ids.ts';
import { UNMEASURED } from './check-state.ts';
import { NO_RULES } from './placement/rules.ts';
import type { Pool } from './pool.ts';
import { monotonic } from './time.ts';

const [A, B, C] = ['node-a', 'node-b', 'node-c'] as const;
const VIP = v('192.0.2.1');
const SECOND = 1_000;

const health = (over: Partial<HealthSpec> = {}): HealthSpec => ({ ...NO_HEALTH, checks: [check('nfs')], ...over });
const nas = (over: Partial<Pool> = {}): Pool =>
  pool({ vips: [VIP], homes: new Map([[VIP, n(A)]]), health: health(), ...over });
const rig = (over: Partial<Pool> = {}, ...nodes: readonly string[]): HealthRig =>
  new HealthRig([nas(over)], ...(nodes.length > 0 ? nodes : [A, B]));
const bad = checkState('nfs', 'Failing', { output: 'timed out', sinceMs: 0 });
const well = checkState('nfs', 'Passing', { sinceMs: 0 });
const alike = (at: HealthRig) => at.moves.map(({ from, to, reason }) => ({ from, to, reason }));

describe('A9 a check decides who holds a VIP', () => {
  it('takes it away, names the check, and gives it back after the delay', () => {
    const world = rig();
    world.report(A, bad);
    expect(alike(world)).toEqual([{ from: A, to: B, reason: 'CheckFailed' }]);
    expect(world.views[0]?.bindings[0]).toMatchObject({
      state: 'Bound',
      reason: 'CheckFailed',
      message: 'node-a: check nfs fails: timed out',
    });
    world.run(5 * SECOND).report(A, well);
    world.run(29_999);
    expect(world.holder(VIP)).toBe(B);
    world.run(1);
    expect(alike(world).at(-1)).toEqual({ from: B, to: A, reason: 'Failback' });
    expect(world.run(600 * SECOND).moves).toHaveLength(2);
  });

  it('an unknown result is not healthy', () => {
    expect(alike(rig().report(A, checkState('nfs', 'Unknown')))).toEqual([{ from: A, to: B, reason: 'CheckUnknown' }]);
  });

  it('stays while a repair is tried, and leaves when that failed', () => {
    const world = rig().report(A, { ...bad, repairing: true });
    expect(world.moves).toEqual([]);
    expect(alike(world.report(A, bad))).toEqual([{ from: A, to: B, reason: 'CheckFailed' }]);
  });

  it('a holder keeps while nobody can tell, and a candidate gets nothing', () => {
    const world = rig();
    expect(world.report(A, checkState('nfs', 'Pending')).moves).toEqual([]);
    world.report(A, well).report(B, checkState('nfs', 'Pending'));
    world.report(A, bad);
    expect(world.holder(VIP)).toBe(A);
    world.report(B, well);
    expect(world.holder(VIP)).toBe(B);
  });

  it('what is declared anew and never reported makes a node unhealthy in the end, and only then', () => {
    const world = rig();
    world.wantedSince = () => monotonic(0);
    const declared = [check('nfs'), check('smb')];
    world.pools = [nas({ health: health({ checks: declared }) })];
    world.step().report(B, checkState('smb'));
    expect(world.run(4_999).holder(VIP)).toBe(A);
    world.run(1);
    expect(alike(world)).toEqual([{ from: A, to: B, reason: 'CheckUnknown' }]);
  });

  it('a check that is switched off on a node counts as passing there', () => {
    const world = rig().report(A, bad);
    world.settle(A, { checks: [{ pool: undefined, name: checkName('nfs'), disabled: true }] });
    world.run(31 * SECOND);
    expect(world.holder(VIP)).toBe(A);
  });

  it('other pools of the node do not care', () => {
    const web = pool({ name: poolName('web'), vips: [v('192.0.2.9')], homes: new Map([[v('192.0.2.9'), n(A)]]) });
    const world = new HealthRig([nas(), web], A, B).report(A, bad);
    expect(world.holders()).toEqual([B, A]);
  });
});

describe('degrading', () => {
  const raid = check('raid', { severity: 'Degrade', penalty: 50 });
  const many = (over: Partial<Pool> = {}): HealthRig =>
    new HealthRig([pool({ health: health({ checks: [raid] }), homes: new Map(), ...over })], A, B);
  const countOn = (world: HealthRig, node: string): number =>
    world.holders().filter((holder) => holder === node).length;

  it('makes a node carry less, and a penalty of 50 half as much as the other', () => {
    const world = many();
    expect([countOn(world, A), countOn(world, B)]).toEqual([3, 3]);
    world.report(A, checkState('raid', 'Failing', { output: 'sdb is gone' }));
    expect([countOn(world, A), countOn(world, B)]).toEqual([2, 4]);
    expect(alike(world)).toEqual([{ from: A, to: B, reason: 'NodeDegraded' }]);
    const moved = world.views[0]?.bindings.find(({ reason }) => reason === 'NodeDegraded');
    expect(moved?.message).toBe('node-a: check raid fails: sdb is gone');
  });

  it('ends with its cause, after the failback delay', () => {
    const world = many().report(A, checkState('raid', 'Failing'));
    world
      .run(SECOND)
      .report(A, checkState('raid'))
      .run(31 * SECOND);
    expect([countOn(world, A), countOn(world, B)]).toEqual([3, 3]);
  });

  it('does not flap either', () => {
    const world = many({ failback: { policy: 'Automatic', delayMs: 0 } });
    for (let second = 0; second < 300; second++) {
      world.report(A, checkState('raid', second % 2 === 0 ? 'Failing' : 'Passing', { sinceMs: 0 })).run(SECOND);
    }
    expect(world.moves.length).toBeLessThanOrEqual(3);
  });
});

describe('damping', () => {
  it.each([
    ['with the usual delay', 30_000],
    ['without any delay', 0],
  ])('a check that flips every second for 5 minutes moves a VIP at most 3 times %s', (_, delayMs) => {
    const world = rig({ failback: { policy: 'Automatic', delayMs } });
    for (let second = 0; second < 300; second++) world.report(A, second % 2 === 0 ? bad : well).run(SECOND);
    expect(world.moves.length).toBeGreaterThan(0);
    expect(world.moves.length).toBeLessThanOrEqual(3);
    world.report(A, well).run(90 * SECOND);
    expect(world.holder(VIP)).toBe(A);
    expect(world.moves.length).toBeLessThanOrEqual(4);
  });

  it('a node that flapped gets what has no other holder once it has been well for base, whatever its hold-off', () => {
    const world = rig({ failback: { policy: 'Automatic', delayMs: 0 } });
    for (let round = 0; round < 5; round++) {
      world.report(A, bad).report(A, well);
      world.run(600 * SECOND - 1);
    }
    world.report(A, bad).report(A, well).report(B, bad);
    expect(world.holder(VIP)).toBe(B);
    world.run(29_999);
    expect(world.holder(VIP)).toBe(B);
    world.run(1);
    expect(world.holder(VIP)).toBe(A);
  });

  it('a holder whose hold-off runs keeps what it has', () => {
    const world = rig({}, A, B);
    world.report(A, bad).report(B, bad);
    for (let round = 0; round < 2; round++) world.report(B, well).report(B, bad);
    const holder = world.holder(VIP);
    const { length } = world.moves;
    world.report(holder ?? A, well).run(SECOND);
    expect(world.holder(VIP)).toBe(holder);
    expect(world.moves).toHaveLength(length);
  });
});

describe('when every node is unhealthy', () => {
  const two = { checks: [check('nfs'), check('smb')] };
  const smb = checkState('smb', 'Failing');

  it('the VIPs stay where they are, and follow the first node that is well', () => {
    const world = rig({ health: health(two) }, A, B, C);
    world
      .report(A, bad)
      .run(60 * SECOND)
      .report(B, bad, smb)
      .report(C, bad)
      .run(100 * SECOND);
    const { length } = world.moves;
    const holder = world.holder(VIP);
    expect(holder).toBeDefined();
    world.run(600 * SECOND);
    expect(world.moves).toHaveLength(length);
    world.report(B, well, checkState('smb')).run(60 * SECOND);
    expect(world.holder(VIP)).toBe(B);
  });

  it('goes to the least bad node when its holder dies, and stays there', () => {
    const world = rig({ health: health(two) }, A, B, C);
    world
      .report(B, bad, smb)
      .run(60 * SECOND)
      .report(C, smb)
      .run(60 * SECOND)
      .report(A, bad);
    expect(world.holder(VIP)).toBe(A);
    world.change(A, { gone: 'lease-ended' });
    world.step();
    expect(world.holder(VIP)).toBe(C);
    world.run(600 * SECOND);
    expect(world.moves).toHaveLength(1);
  });

  it('Release lets nobody hold them, until a node is well', () => {
    const world = rig({ health: health({ whenAllUnhealthy: 'Release' }) });
    world.report(B, bad).report(A, bad);
    expect(world.holder(VIP)).toBeUndefined();
    expect(alike(world)).toEqual([{ from: A, to: undefined, reason: 'AllUnhealthy' }]);
    expect(world.views[0]?.bindings[0]).toMatchObject({
      state: 'Unassigned',
      reason: 'AllUnhealthy',
      message: 'node-a: check nfs fails: timed out',
    });
    world.run(SECOND);
    expect(world.holder(VIP)).toBeUndefined();
    expect(world.views[0]?.bindings[0]?.reason).toBe('AllUnhealthy');
    world.report(B, well).run(SECOND);
    expect(world.holder(VIP)).toBe(B);
  });
});

describe('a false alarm', () => {
  it('moves nothing once all nodes fail the same check, nor while they recover one by one', () => {
    const vips = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(v);
    const homes = new Map(vips.map((vip, index) => [vip, n([A, B, C][index] ?? A)]));
    const world = rig({ vips, homes }, A, B, C);
    world.report(A, bad).run(300).report(B, bad).run(300).report(C, bad);
    expect(world.book.get(poolName('nas'))?.alarm).toEqual({ check: 'nfs', endsAt: undefined });
    const held = world.holders();
    const { length } = world.moves;
    world
      .run(60 * SECOND)
      .report(B, well)
      .run(2_000)
      .report(A, well)
      .run(1_000)
      .report(C, well)
      .run(SECOND);
    expect(world.holders()).toEqual(held);
    expect(world.moves).toHaveLength(length);
    world.run(60 * SECOND);
    expect(world.holders()).toEqual([A, B, C]);
  });

  it('ends for a node that stays ill when the others are well', () => {
    const world = rig({}, A, B);
    world.report(B, bad).run(100).report(A, bad);
    expect(world.holder(VIP)).toBe(A);
    world
      .run(10 * SECOND)
      .report(B, well)
      .run(4_999);
    expect(world.holder(VIP)).toBe(A);
    world.run(1);
    expect(world.holder(VIP)).toBe(B);
  });
});

describe('what an administrator declares of a node', () => {
  it('A9 maintenance relieves it, and gives it back what it had at its end, for it was well all the time', () => {
    const world = rig().settle(A, { maintenance: true });
    expect(alike(world)).toEqual([{ from: A, to: B, reason: 'Maintenance' }]);
    world.run(600 * SECOND);
    expect(world.holder(VIP)).toBe(B);
    expect(world.settle(A, { maintenance: false }).holder(VIP)).toBe(A);
  });

  it('after maintenance it gets nothing back before it was well for the delay, be it drained or not', () => {
    const world = rig()
      .settle(A, { maintenance: true })
      .run(600 * SECOND);
    world.change(A, { stableSince: monotonic(world.now) });
    world
      .run(20 * SECOND)
      .settle(A, { maintenance: false })
      .run(9_999);
    expect(world.holder(VIP)).toBe(B);
    expect(world.run(1).holder(VIP)).toBe(A);
  });

  it('a drained node keeps what only unhealthy nodes could take', () => {
    const world = rig().report(B, bad).settle(A, { maintenance: true });
    expect(world.holder(VIP)).toBe(A);
    world.report(B, well).run(SECOND);
    expect(world.holder(VIP)).toBe(B);
  });

  it('so does one that has lost its weight', () => {
    const world = rig().report(B, bad).settle(A, { weight: 0 });
    expect(world.holder(VIP)).toBe(A);
    world.report(B, well).run(SECOND);
    expect(world.holder(VIP)).toBe(B);
  });

  it('a weight of 0 keeps VIPs away, and a pool that stays away is not overruled', () => {
    expect(rig().settle(A, { weight: 0 }).holder(VIP)).toBe(B);
    const weights = [{ nodes: { kind: 'node', node: n(A) }, weight: 0 }] as const;
    const world = rig({ homes: new Map(), placement: { ...NO_RULES, weights } });
    expect(world.settle(A, { weight: 100 }).holder(VIP)).toBe(B);
  });
});

it('a report that says the same of the checks moves and changes nothing', () => {
  const world = rig();
  const { book } = world;
  world.change(A, { service: { ...UNMEASURED, rttMs: 3 } });
  expect(world.step().book).toBe(book);
});
