import { describe, expect, test } from '@jest/globals';
import { lease, n, nodeEntry, v } from '../testing/core-builders.ts';
import { type BarRecord, type HoldVerdict, type HoldWorld, judgeHolds } from './hold-bars.ts';
import { poolName } from './ids.ts';
import { leaseKey } from './lease-name.ts';
import { noVerdicts } from './lease-verdicts.ts';
import type { HoldRight } from './messages.ts';
import type { NodeEntry } from './node-table.ts';
import { monotonic, NEVER } from './time.ts';
import { TIMING_PROFILES } from './timing.ts';

const POOL = poolName('nas');
const VIP = v('192.0.2.1');
const MEMBERS = ['node-1', 'node-2', 'node-3', 'node-4'].map(n);
const RIGHT: HoldRight = { pool: POOL, members: MEMBERS };
const LOST = n('node-1');
const LEASE = lease('life-of-node-1');
const NOW = 10_000;
const timing = TIMING_PROFILES.Default;

interface Case {
  /** Nodes whose leases are over, node-1 among them. */
  readonly over?: readonly string[];
  readonly barredBy?: readonly string[];
  readonly holds?: readonly HoldRight[];
  readonly pools?: readonly HoldRight[];
  readonly lost?: Partial<NodeEntry>;
  readonly peer?: Partial<NodeEntry>;
  readonly overSince?: number;
  readonly forgotten?: boolean;
  readonly isRefused?: boolean;
}

function judged(given: Case): HoldVerdict {
  const over = given.over ?? ['node-1'];
  const heard = new Map(
    MEMBERS.map((node) => {
      const gone = over.includes(node) ? 'lease-ended' : 'no';
      const own = node === LOST ? { holds: given.holds ?? [RIGHT], ...given.lost } : given.peer;
      return [node, nodeEntry(node, { gone, lastHeard: monotonic(NOW - 50), ...own })] as const;
    }),
  );
  const by = new Map((given.barredBy ?? []).map((node) => [n(node), lease(`life-of-${node}`).incarnation]));
  const record: BarRecord = { node: LOST, lease: LEASE, number: 1, lift: false, by, told: new Set() };
  const keys = given.forgotten ? [] : over.map((node) => leaseKey(n(node), lease(`life-of-${node}`)));
  const world: HoldWorld = {
    pools: given.pools ?? [],
    heard,
    verdicts: { ...noVerdicts([], monotonic(0)), over: new Set(keys) },
    bars: new Map([[leaseKey(LOST, LEASE), record]]),
    isRefused: () => given.isRefused ?? true,
    timing,
  };
  const since = new Map([[leaseKey(LOST, LEASE), monotonic(given.overSince ?? NOW)]]);
  return judgeHolds(heard, world, (pool) => (pool === POOL ? [VIP] : []), since, monotonic(NOW));
}

const isKept = (given: Case): boolean => judged(given).kept.has(VIP);

describe('a VIP that a node without a lease may hold', () => {
  test('is free when at least half of the pool has barred the lease', () => {
    expect(isKept({ barredBy: [] })).toBe(true);
    expect(isKept({ barredBy: ['node-2'] })).toBe(true);
    expect(isKept({ barredBy: ['node-2', 'node-3'] })).toBe(false);
  });

  test('counts no bar of a node that is silent, revoked, or in another life than the one that spoke', () => {
    const barredBy = ['node-2', 'node-3'];
    expect(isKept({ barredBy, peer: { lastHeard: monotonic(NOW - 1_110) } })).toBe(true);
    expect(isKept({ barredBy, over: ['node-1', 'node-2'] })).toBe(true);
    expect(isKept({ barredBy, peer: { lease: lease('another life') } })).toBe(true);
  });

  test('is free of a node that declared no right', () => {
    expect(judged({ holds: [] })).toMatchObject({ lost: [], kept: new Set() });
  });

  test('is judged by the members that were declared, whatever the pool is now', () => {
    const many = { pool: POOL, members: [...MEMBERS, n('node-5')] };
    expect(isKept({ holds: [many], pools: [RIGHT], barredBy: ['node-2', 'node-3'] })).toBe(true);
  });

  test('is judged by the pool of now where the lease was forgotten', () => {
    expect(isKept({ holds: [], pools: [RIGHT], forgotten: true })).toBe(true);
    expect(isKept({ holds: [], pools: [RIGHT], forgotten: true, barredBy: ['node-2', 'node-3'] })).toBe(false);
  });

  test('is free a lease after the end where more than half of the pool is lost, unless its node knocks', () => {
    const over = ['node-1', 'node-2', 'node-3'];
    expect(isKept({ over, overSince: NOW - 1_109 })).toBe(true);
    expect(judged({ over, overSince: NOW - 1_109 }).wakeAt).toBe(NOW + 1);
    expect(isKept({ over, overSince: NOW - 1_110 })).toBe(false);
    expect(isKept({ over: ['node-1', 'node-2'], overSince: 0 })).toBe(true);
    expect(isKept({ over, overSince: NOW - 1_110, lost: { knockedAt: monotonic(NOW - 100) } })).toBe(true);
    expect(isKept({ over, overSince: NOW - 1_110, lost: { knockedAt: NEVER } })).toBe(false);
  });

  test('is kept, and its lease condemned, until a majority of the controllers refuses the lease', () => {
    const over = ['node-1', 'node-2', 'node-3'];
    for (const given of [{ over, overSince: NOW - 1_110 }, { barredBy: ['node-2', 'node-3'] }]) {
      expect(judged({ ...given, isRefused: false })).toMatchObject({
        kept: new Set([VIP]),
        condemned: [{ node: LOST, lease: LEASE }],
      });
      expect(judged(given)).toMatchObject({ kept: new Set(), condemned: [] });
    }
    expect(judged({ barredBy: ['node-2'], isRefused: false }).condemned).toEqual([]);
  });

  test('is free of a node that said goodbye', () => {
    expect(isKept({ lost: { gone: 'said-goodbye' } })).toBe(false);
  });
});

describe('a node that only others hear, under a lease that no voter knew', () => {
  const peers = new Map(MEMBERS.slice(1).map((node) => [node, nodeEntry(node, { lastHeard: monotonic(NOW - 50) })]));
  const elsewhere = nodeEntry('node-1', { leaseValid: false });
  const world: HoldWorld = {
    pools: [RIGHT],
    heard: peers,
    verdicts: noVerdicts([], NEVER),
    bars: new Map(),
    isRefused: () => true,
    timing,
  };
  const keptBy = (over: Partial<HoldWorld>, elsewhereGone: NodeEntry['gone'] = 'no'): boolean =>
    judgeHolds(
      new Map([...peers, [LOST, { ...elsewhere, gone: elsewhereGone }]]),
      { ...world, ...over },
      () => [VIP],
      new Map(),
      monotonic(NOW),
    ).kept.has(VIP);

  test('may hold what its peers have confirmed', () => {
    expect(keptBy({})).toBe(true);
    expect(keptBy({ heard: new Map([...peers, [LOST, elsewhere]]) })).toBe(false);
  });

  test('goes on by that lease, whoever bars it, until it is over', () => {
    const by = new Map(MEMBERS.slice(1).map((node) => [node, lease(`life-of-${node}`).incarnation]));
    const bars = new Map([
      [leaseKey(LOST, LEASE), { node: LOST, lease: LEASE, number: 1, lift: false, by, told: new Set<number>() }],
    ]);
    const verdicts = {
      ...world.verdicts,
      inherited: [{ node: LOST, lease: LEASE, holds: [RIGHT], revoked: true, restored: 0, knocking: false }],
    };
    expect(keptBy({ bars, verdicts })).toBe(true);
    expect(keptBy({ bars, verdicts }, 'lease-ended')).toBe(false);
  });
});
