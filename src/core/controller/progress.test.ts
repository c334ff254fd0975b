import { describe, expect, it } from '@jest/globals';
import { nodeEntry, nodeReport } from '../../testing/core-builders.ts';
import { boundAt, poolReport } from '../../testing/pool-report.ts';
import type { Condition } from '../api/types.gen.ts';
import { DECLARED_CONDITIONS } from '../condition-table.ts';
import { nodeName, poolName, vipAddress } from '../ids.ts';
import { conditionEvents } from '../object-event.ts';
import { ADVISED_REASONS } from '../placement/advice.ts';
import { Reason } from '../reasons.ts';
import { nodeStatus } from './node-status.ts';
import { poolStatus } from './pool-status.ts';
import type { PoolReport } from './status-report.ts';

const NOW = '2026-01-01T00:00:00.000Z';

interface Stored {
  readonly metadata: { readonly generation: number; readonly deletionTimestamp?: string };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}

/** The rules of kstatus for objects of kinds that it does not know, in their order. */
function kstatus({ metadata, status = {} }: Stored): 'Terminating' | 'InProgress' | 'Failed' | 'Current' {
  const { observedGeneration, conditions = [] } = status;
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (observedGeneration !== undefined && observedGeneration !== metadata.generation) return 'InProgress';
  for (const { type, status: value } of conditions) {
    if (type === 'Reconciling' && value === 'True') return 'InProgress';
    if (type === 'Stalled' && value === 'True') return 'Failed';
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}

const NAS = poolReport([boundAt('192.0.2.1')]);
const waiting = (reason: Reason): PoolReport =>
  poolReport([boundAt('192.0.2.1', { node: undefined, state: 'Unassigned', reason })]);
const deleting = { ...NAS.manifest, deleting: true };
const problem = { path: 'spec.addresses[1]', message: 'the range is inverted' };
const lost = { vip: vipAddress('192.0.2.1'), owner: poolName('db') };

describe('a pool is for kstatus', () => {
  const of = (report: PoolReport): ReturnType<typeof kstatus> =>
    kstatus({ metadata: report.manifest, status: poolStatus(report, undefined, NOW) });

  it.each<[ReturnType<typeof kstatus>, string, PoolReport]>([
    ['Current', 'AllBound', NAS],
    ['InProgress', 'Progressing', poolReport([boundAt('192.0.2.1', { state: 'Binding' })])],
    ['InProgress', 'Progressing', waiting(Reason.WaitingForRelease)],
    ['Failed', 'InvalidSpec', { ...NAS, problems: [problem] }],
    ['Failed', 'InvalidSpec', { ...poolReport(undefined), problems: [problem] }],
    ['Failed', 'PoolConflict', { ...NAS, conflicts: [lost] }],
    ['InProgress', 'Terminating', { ...NAS, manifest: deleting }],
    ...ADVISED_REASONS.map((reason) => ['InProgress', reason, waiting(reason)] as [never, string, PoolReport]),
  ])('%s with %s', (expected, reason, report) => {
    const { conditions } = poolStatus(report, undefined, NOW);
    expect(conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ reason });
    expect(of(report)).toBe(expected);
  });

  it('InProgress until the controller has seen an edit, whatever it said before', () => {
    for (const report of [NAS, { ...NAS, problems: [problem] }]) {
      expect(kstatus({ metadata: { generation: 4 }, status: poolStatus(report, undefined, NOW) })).toBe('InProgress');
    }
  });

  it('Current again at once when it is mended: nothing of what stalled it is left', () => {
    const stalled = poolStatus({ ...NAS, problems: [problem] }, undefined, NOW);
    expect(poolStatus(NAS, stalled, NOW)).toEqual(poolStatus(NAS, undefined, NOW));
  });
});

it('a node whose spec is not in force is Failed, although it is ready', () => {
  const record = { name: nodeName('node-1'), generation: 2, status: undefined };
  const of = (problems: readonly (typeof problem)[]): ReturnType<typeof kstatus> => {
    const report = nodeReport('node-1', { entry: nodeEntry('node-1'), record, problems });
    return kstatus({ metadata: record, status: nodeStatus(report, undefined, Date.parse(NOW)) });
  };
  expect([of([]), of([problem])]).toEqual(['Current', 'Failed']);
});

it('what is said once more says what the condition says that it repeats', () => {
  const { conditions = [] } = poolStatus({ ...NAS, problems: [problem] }, undefined, NOW);
  const [ready, stalled] = conditions;
  expect(ready).toMatchObject({ type: 'Ready', status: 'False' });
  expect(stalled).toEqual({ ...ready, type: 'Stalled', status: 'True' });
  const declared = DECLARED_CONDITIONS.filter(({ type }) => type === 'Stalled' || type === 'Reconciling');
  for (const { kind, status, reason } of declared) {
    const repeated = DECLARED_CONDITIONS.filter((item) => item.kind === kind && item.reason === reason);
    expect([status, repeated.map(({ type }) => type)]).toEqual([
      'True',
      expect.arrayContaining([expect.stringMatching(/^(Ready|SpecValid)$/)]),
    ]);
  }
});

it('is told in one event', () => {
  const { conditions = [] } = poolStatus({ ...NAS, problems: [problem] }, undefined, NOW);
  const { events } = conditionEvents({ kind: 'VipPool', name: 'nas' }, conditions, new Map());
  expect(events.filter(({ reason }) => reason === 'InvalidSpec').map(({ action }) => action)).toEqual(['Ready']);
});
