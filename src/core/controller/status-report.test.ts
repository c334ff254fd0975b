import { describe, expect, it } from '@jest/globals';
import { controllerConfig, electorate, nodeEntry, term } from '../../testing/core-builders.ts';
import type { NodeHealthStatus } from '../api/types.gen.ts';
import { nodeName, poolName } from '../ids.ts';
import type { NodeRecord, PoolManifest } from '../manifest.ts';
import type { NodeEntry } from '../node-table.ts';
import { monotonic } from '../time.ts';
import { NO_CARE } from './caring.ts';
import { nodeVerdicts } from './node-status.ts';
import { readSnapshot } from './pools.ts';
import { statusReport, type StatusReport } from './status-report.ts';

const NAS: PoolManifest = {
  name: poolName('nas'),
  uid: 'u',
  generation: 1,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  spec: { addresses: ['192.0.2.1'], interface: { names: ['s0'] }, nodeSelector: { matchLabels: { role: 'nas' } } },
  status: undefined,
};
const labels = { role: 'nas' };
const node = (name: string, over: Partial<NodeEntry> = {}): NodeEntry => nodeEntry(name, { labels, ...over });
const onRecord = (name: string, over: Partial<NodeHealthStatus> = {}): NodeRecord => ({
  name: nodeName(name),
  status: { phase: 'Healthy', labels, ...over },
});

/** What a master tells that has heard `entries`, where `records` are in the source. */
const reportOf = (entries: readonly NodeEntry[], records: readonly NodeRecord[], blindUntil = 0): StatusReport => {
  const pools = readSnapshot(undefined, { pools: [NAS], nodes: records, problems: [], complete: true });
  const table = new Map(entries.map((entry) => [entry.node, entry]));
  const known = {
    electorate: electorate(3),
    changeWaitsFor: undefined,
    care: NO_CARE,
    blindUntil: monotonic(blindUntil),
  };
  return statusReport(known, pools, table, [], controllerConfig(), term(1), monotonic(10));
};

const said = (...args: Parameters<typeof reportOf>): string => {
  const verdicts = reportOf(...args).pools.get(poolName('nas'))?.networks ?? [];
  const verdict = verdicts.find(({ type }) => type === 'MembersUnreachable');
  return `${verdict?.status} ${verdict?.message}`;
};
const WELL = 'False every node of this pool answers on the management network';

describe('members that are silent', () => {
  const lost = node('b', { gone: 'lease-ended' });

  it('are those on record, also for a master that has never heard them', () => {
    expect(said([node('a'), lost], [onRecord('a'), onRecord('b')])).toMatch(
      /^True silent on the management network: b \(does not answer/,
    );
    expect(said([node('a')], [onRecord('a'), onRecord('b')])).toBe(
      'True silent on the management network: b (not heard since this controller began)',
    );
    expect(said([node('a'), node('b', { bootId: '' })], [onRecord('a'), onRecord('b')])).toMatch(/^True .*: b \(not/);
  });

  it('are forgotten when they are gone and their records are removed', () => {
    expect(said([node('a'), lost], [onRecord('a')])).toBe(WELL);
    expect(said([node('a'), node('b')], [onRecord('a')])).toBe(WELL);
  });

  it('are none of other pools, and none that is only declared', () => {
    expect(said([node('a')], [onRecord('b', { labels: { role: 'web' } })])).toBe(WELL);
    expect(said([node('a')], [{ name: nodeName('b'), status: undefined }])).toBe(WELL);
  });

  it('are not known before every node had the time to come', () => {
    expect(said([node('a')], [onRecord('b')], 11)).toBe(WELL);
    expect(said([node('a'), lost], [onRecord('b')], 11)).toMatch(/^True/);
  });

  it('are not those that left in order, whoever is master', () => {
    const gone = node('b', { gone: 'said-goodbye' });
    const { nodes } = reportOf([node('a'), gone], [onRecord('b')]);
    const report = nodes.get('b');
    const ready = report && nodeVerdicts(report).find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'NodeLeft' });
    const left = onRecord('b', {
      phase: 'Unreachable',
      conditions: [{ type: 'Ready', status: 'False', reason: 'NodeLeft', message: '', lastTransitionTime: '' }],
    });
    expect(said([node('a')], [left])).toBe(WELL);
    const again = reportOf([node('a')], [left]).nodes.get('b');
    expect(again && nodeVerdicts(again)).toContainEqual(ready);
  });
});
