import { describe, expect, it } from '@jest/globals';
import { applied as report, held, nodeEntry, term, v } from '../../testing/core-builders.ts';
import type { NodeEntry } from '../node-table.ts';
import { nodeName } from '../ids.ts';
import type { Problem } from '../pool.ts';
import { nodeStatus } from './node-status.ts';

const WALL = Date.parse('2026-01-01T00:00:10.000Z');
const of = (
  entry: NodeEntry | undefined,
  answering?: string,
  problems: readonly Problem[] = [],
): ReturnType<typeof nodeStatus> => {
  const record = { name: nodeName('node-1'), status: undefined };
  return nodeStatus(
    { name: 'node-1', entry, silentMs: 100, record, problems, answering, term: term(4) },
    undefined,
    WALL,
  );
};
const conditionOf = (status: ReturnType<typeof nodeStatus>, type: string): unknown =>
  status.conditions?.find((item) => item.type === type);

const applied = report('node-1', { term: term(4), version: 1, held: [held(v('192.0.2.1'))] });

describe('status of a node', () => {
  it('is healthy with a lease and carriers, and tells what it holds', () => {
    expect(of(nodeEntry('node-1', { applied }))).toMatchObject({
      phase: 'Healthy',
      term: 4,
      leaseEpoch: 1,
      vips: ['192.0.2.1'],
      vipCount: 1,
      lastHeartbeatTime: '2026-01-01T00:00:09.900Z',
    });
    expect(conditionOf(of(nodeEntry('node-1')), 'Ready')).toMatchObject({ status: 'True', reason: 'LeaseHeld' });
  });

  it.each([
    ['Unreachable', 'NodeLost', nodeEntry('node-1', { gone: 'lease-ended', applied })],
    ['Unreachable', 'NodeLeft', nodeEntry('node-1', { gone: 'said-goodbye', applied })],
    ['Degraded', 'LeaseNotHeld', nodeEntry('node-1', { leaseValid: false })],
    [
      'Degraded',
      'CarrierLost',
      nodeEntry('node-1', { interfaces: [{ name: 's0', mac: '', carrier: false, addresses: [] }] }),
    ],
    ['Unreachable', 'NodeLost', undefined],
  ])('is %s by reason of %s', (phase, reason, entry) => {
    const status = of(entry);
    expect(status.phase).toBe(phase);
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'False', reason });
    if (phase === 'Unreachable') expect(status.vips).toEqual([]);
  });

  it('tells what is wrong with its spec', () => {
    expect(conditionOf(of(undefined), 'SpecValid')).toMatchObject({ status: 'True', reason: 'SpecInForce' });
    const problems = [{ path: 'spec.weight', message: 'out of range: write 0 to 100' }];
    expect(conditionOf(of(undefined, undefined, problems), 'SpecValid')).toMatchObject({
      status: 'False',
      reason: 'InvalidSpec',
      message: 'spec.weight: out of range: write 0 to 100 (the last valid version stays in force)',
    });
  });

  it('tells whether the kernel silences the host by itself, or what is missing', () => {
    expect(conditionOf(of(nodeEntry('node-1')), 'Fenced')).toMatchObject({ status: 'True', reason: 'KernelFence' });
    const fence = { active: false, message: 'no egress hook' };
    expect(conditionOf(of(nodeEntry('node-1', { fence })), 'Fenced')).toMatchObject({
      status: 'False',
      reason: 'LifetimesOnly',
      message: 'no egress hook',
    });
    expect(conditionOf(of(undefined), 'Fenced')).toMatchObject({ status: 'Unknown' });
  });

  it('B6 says that the management network is faulty where a lost node still answers', () => {
    const lost = nodeEntry('node-1', { gone: 'lease-ended' });
    expect(conditionOf(of(lost), 'ManagementNetworkFaulty')).toMatchObject({ status: 'False' });
    expect(conditionOf(of(lost, 'the lost holder answers'), 'ManagementNetworkFaulty')).toMatchObject({
      status: 'True',
      message: 'the lost holder answers',
    });
  });
});
