import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkState, link, n } from '../testing/core-builders.ts';
import { RecordRig, type RigNode } from '../testing/record-rig.ts';
import type { VipPoolSpec } from './api/types.gen.ts';
import type { NodeName, VipAddress } from './ids.ts';
import type { NodeEntry } from './node-table.ts';
import { monotonic } from './time.ts';
import { whatMoves } from './what-moves.ts';

const MINUTES = 60_000;
const CHECKS = [
  { name: 'nfs', type: 'nfs' },
  { name: 'raid', type: 'exec', command: ['/checks/raid'], severity: 'Degrade' },
] satisfies NonNullable<VipPoolSpec['health']>['checks'];

const rarely = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.constantFrom(usual, usual, usual, ...others);

const node = fc.record({
  nfs: rarely<'Passing' | 'Failing' | 'Pending' | 'Unknown'>('Passing', 'Failing', 'Pending', 'Unknown'),
  raid: rarely<'Passing' | 'Failing'>('Passing', 'Failing'),
  usedPercent: rarely(10, 95),
  weight: rarely<number | undefined>(undefined, 50, 0),
  maintenance: rarely(false, true),
  carrier: rarely(true, true, false),
  leaseValid: rarely(true, true, false),
  gone: rarely<NodeEntry['gone']>('no', 'no', 'lease-ended', 'said-goodbye'),
  isSilent: rarely(false, true),
  isNew: rarely(false, true),
  zone: fc.constantFrom('a', 'b'),
  /** By what happens. */
  isHit: fc.boolean(),
});

const poolRules = fc.record({
  checks: fc.boolean(),
  whenAllUnhealthy: fc.constantFrom('Keep' as const, 'Release' as const),
  maxPerNode: rarely<number | undefined>(undefined, 1, 2),
  capacity: fc.boolean(),
  zones: rarely(false, true),
  group: rarely<'Together' | 'Apart' | undefined>(undefined, 'Together', 'Apart'),
  policy: fc.constantFrom('Automatic' as const, 'Automatic' as const, 'Manual' as const, 'Never' as const),
  prefers: rarely(false, true),
});
const followed = fc.constantFrom('Any' as const, 'Any' as const, 'Check' as const, 'Master' as const);

type Rules = typeof poolRules extends fc.Arbitrary<infer T> ? T : never;

function specOf(given: Rules, network: string, follow: 'Any' | 'Check' | 'Master'): VipPoolSpec {
  const { checks, whenAllUnhealthy, capacity, zones, policy, prefers } = given;
  // What follows the master is on its one node.
  const maxPerNode = follow === 'Master' ? undefined : given.maxPerNode;
  const group = follow === 'Master' && given.group === 'Apart' ? undefined : given.group;
  return {
    addresses: [`${network}.1-${network}.4`],
    interface: { names: ['s0'] },
    failback: { policy },
    placement: {
      follow: follow === 'Check' ? { kind: 'Check', check: 'nfs' } : { kind: follow },
      ...(maxPerNode !== undefined && { maxPerNode }),
      ...(capacity && { capacity: { highPercent: 90, lowPercent: 75 } }),
      ...(zones && { zoneKey: 'zone' }),
      ...(prefers && { preferredNodes: [{ matchLabels: { zone: 'a' }, weight: 1 }] }),
      ...(group &&
        maxPerNode !== 1 && { groups: [{ name: 'g', policy: group, members: [`${network}.1`, `${network}.2`] }] }),
    },
    ...((checks || follow === 'Check') && { health: { checks: CHECKS, whenAllUnhealthy } }),
  };
}

function nodeOf(
  given: typeof node extends fc.Arbitrary<infer T> ? T : never,
  index: number,
  pools: readonly string[],
): RigNode {
  const { nfs, raid, usedPercent, weight, maintenance, carrier, leaseValid, gone, isSilent, isNew, zone } = given;
  return {
    name: `node-${index + 1}`,
    spec: { maintenance, ...(weight !== undefined && { weight }) },
    over: {
      labels: { zone },
      checks: pools.flatMap((pool) => [checkState('nfs', nfs, { pool }), checkState('raid', raid, { pool })]),
      load: { processorPercent: 5, memoryPercent: usedPercent },
      interfaces: [link({ carrier })],
      reach: [{ interface: 's0', state: isSilent ? 'Silent' : 'Answered' }],
      leaseValid,
      gone,
      ...(isNew && { leaseSince: monotonic(0), stableSince: monotonic(0) }),
    },
  };
}

it.each(['failed', 'drained'] as const)(
  'what would move is what does when nodes are %s, whatever the world is like',
  (what) => {
    const world = fc.record({
      nodes: fc.array(node, { minLength: 2, maxLength: 5 }),
      first: poolRules,
      second: poolRules,
      follow: fc.tuple(fc.constantFrom('Any' as const, 'Check' as const), followed),
      restMs: fc.constantFrom(0, 10_000, 10 * MINUTES),
      master: fc.nat(5),
      next: fc.nat(5),
    });
    let moved = 0;
    fc.assert(
      fc.property(world, (given) => {
        const pools = {
          first: specOf(given.first, '192.0.2', given.follow[0]),
          second: specOf(given.second, '198.51.100', given.follow[1]),
        };
        const nodes = given.nodes.map((item, i) => nodeOf(item, i, Object.keys(pools)));
        const rig = new RecordRig(pools, nodes);
        const at = (index: number): NodeName => n(`node-${index + 1}`);
        rig.master.masterNode = at(given.master);
        rig.master.run(given.restMs);
        // No record tells where a VIP is going that its holder has not let go of.
        fc.pre(!rig.master.views.some(({ bindings }) => bindings.some(({ state }) => state === 'Releasing')));
        const hit = new Set(given.nodes.flatMap(({ isHit, gone }, i) => (isHit && gone === 'no' ? [at(i)] : [])));
        const { moves } = whatMoves(rig.snapshot(), { [what]: hit });
        moved += moves.length;
        const before = new Map(
          rig.master.pools.flatMap(({ vips }) => vips.map((vip) => [vip, rig.master.holder(vip)] as const)),
        );
        const told = new Map([...before, ...moves.map(({ vip, to }) => [vip, to] as const)]);
        const changes = hit.has(at(given.master));
        const next = changes ? at(given.next) : at(given.master);
        if (what === 'failed') rig.fail(hit, next);
        else rig.drain(hit, next);
        const follows = (vip: VipAddress): boolean => given.follow[1] === 'Master' && vip.startsWith('198.');
        for (const [vip, to] of told) {
          const decided = rig.master.decided(vip);
          if (!changes || !follows(vip)) expect([vip, decided]).toEqual([vip, to]);
          // Where that node cannot hold it, it stays for as long as it can.
          else if (moves.some((move) => move.vip === vip && move.toNextMaster))
            expect([next, undefined, before.get(vip)]).toContain(decided);
        }
      }),
      { numRuns: 500 },
    );
    expect(moved).toBeGreaterThan(500);
  },
);
