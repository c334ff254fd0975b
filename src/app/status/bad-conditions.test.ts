import { expect, test } from '@jest/globals';
import type { Condition } from '../../core/api/types.gen.ts';
import { DECLARED_CONDITIONS, isBad, isRepetition } from '../../core/condition-table.ts';
import { nodeName, poolName } from '../../core/ids.ts';
import type { NodeRecord, PoolManifest } from '../../ports/source.ts';
import { renderStatus } from './render.ts';
import { reportOf } from './report.ts';

const THEN = '2026-03-01T12:00:00Z';
const NAS: PoolManifest = {
  name: poolName('nas'),
  uid: 'u1',
  generation: 1,
  createdAt: THEN,
  deleting: false,
  spec: {},
  status: undefined,
};

const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: 'because',
  lastTransitionTime: THEN,
});

/** Lines below "Problems:" where a pool and a node have these conditions. */
function problems(
  pool: readonly Condition[],
  node: readonly Condition[],
  checks: NonNullable<NodeRecord['status']>['checks'] = [],
): string[] {
  const report = reportOf({
    pools: [{ ...NAS, status: { conditions: pool } }],
    nodes: [{ name: nodeName('node-a'), status: { phase: 'Degraded', conditions: node, checks } }],
    problems: [],
    complete: true,
  });
  const [, text = ''] = renderStatus(report, { wide: false, now: new Date(THEN) }).split('Problems:\n');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trim());
}

test.each(DECLARED_CONDITIONS)('$kind $type=$status $reason', ({ kind, type, status, reason }) => {
  const item = condition(type, status, reason);
  const isOfPool = kind === 'VipPool';
  const line = `${isOfPool ? 'pool nas' : 'node node-a'}: ${type}=${status} ${reason}: because`;
  // That the node is lost is told by Ready, and what Ready tells is told once.
  const isTold = isBad(item) && !isRepetition(item) && `${status} ${reason}` !== 'Unknown NodeLost';
  expect(problems(isOfPool ? [item] : [], isOfPool ? [] : [item])).toEqual(isTold ? [line] : []);
});

test('those of pools come before those of nodes, each in its order, and what is well or none of ours is left out', () => {
  const pool = [
    condition('Ready', 'True', 'AllBound'),
    condition('ControllersVote', 'False', 'LockOnly'),
    condition('QuorumLost', 'True', 'HeldWithoutLease'),
  ];
  const node = [
    condition('Ready', 'False', 'CarrierLost'),
    condition('Fenced', 'False', 'LifetimesOnly'),
    condition('Other', 'False', 'Whatever'),
  ];
  expect(problems(pool, node)).toEqual([
    'pool nas: ControllersVote=False LockOnly: because',
    'pool nas: QuorumLost=True HeldWithoutLease: because',
    'node node-a: Ready=False CarrierLost: because',
    'node node-a: Fenced=False LifetimesOnly: because',
  ]);
});

test('a check that ChecksPass tells of is told once', () => {
  const checks = [{ pool: 'nas', name: 'nfs', state: 'Failing' as const, output: 'timed out' }];
  expect(problems([], [], checks)).toEqual(['node node-a: check nfs of pool nas is Failing: timed out']);
  expect(problems([], [condition('ChecksPass', 'False', 'CheckFailed')], checks)).toEqual([
    'node node-a: ChecksPass=False CheckFailed: because',
  ]);
});

test('programs get them as they are on record', () => {
  const bad = condition('SpecValid', 'False', 'InvalidSpec');
  const status = { phase: 'Healthy' as const, conditions: [condition('Ready', 'True', 'LeaseHeld'), bad] };
  const report = reportOf({
    pools: [NAS],
    nodes: [{ name: nodeName('node-a'), status }],
    problems: [],
    complete: true,
  });
  expect(report.nodes[0]?.badConditions).toEqual([bad]);
  expect(report.pools[0]).not.toHaveProperty('badConditions');
});
