import { describe, expect, it } from '@jest/globals';
import {
  applied as report,
  check,
  checkState,
  held,
  link,
  nodeEntry,
  nodeReport,
  pool,
  term,
  v,
} from '../../testing/core-builders.ts';
import { RecordRig } from '../../testing/record-rig.ts';
import type { NodeHealthStatus } from '../api/types.gen.ts';
import type { CheckState } from '../check-state.ts';
import { followHealth, NO_HEALTH_KNOWN } from '../health-book.ts';
import { DEFAULT_DAMPING, NO_HEALTH } from '../health-spec.ts';
import type { NodeEntry } from '../node-table.ts';
import { nodeName, poolName } from '../ids.ts';
import type { Problem } from '../pool.ts';
import { nodeStatus } from './node-status.ts';
import type { NodeReport, NodeStanding } from './status-report.ts';
import { NO_SETTINGS } from '../node-settings.ts';
import { monotonic } from '../time.ts';

const WALL = Date.parse('2026-01-01T00:00:10.000Z');
const reportOf = (entry: NodeEntry | undefined): NodeReport =>
  nodeReport('node-1', {
    entry,
    silentMs: 100,
    reportedMsAgo: 50,
    leasedMs: 5_000,
    record: { name: nodeName('node-1'), status: undefined },
    term: term(4),
  });
const of = (entry: NodeEntry | undefined, answering?: string, problems: readonly Problem[] = []) =>
  nodeStatus({ ...reportOf(entry), answering, problems }, undefined, WALL);
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

  it('tells which generation of its spec it is about, also of a node that was never heard', () => {
    const record = { name: nodeName('node-1'), generation: 3, status: undefined };
    for (const entry of [nodeEntry('node-1'), undefined]) {
      const status = nodeStatus({ ...reportOf(entry), record }, { phase: 'Healthy', observedGeneration: 2 }, WALL);
      expect(status.observedGeneration).toBe(3);
      expect(new Set(status.conditions?.map(({ observedGeneration }) => observedGeneration))).toEqual(new Set([3]));
    }
    expect(of(nodeEntry('node-1'))).not.toHaveProperty('observedGeneration');
  });

  it('tells on which interfaces nobody answers any more', () => {
    const interfaces = [link(), link({ name: 's1' })];
    const reach = [
      { interface: 's0', state: 'Suspect' },
      { interface: 's1', state: 'Silent' },
    ] as const;
    expect(of(nodeEntry('node-1', { interfaces, reach })).interfaces).toEqual([
      link(),
      { ...link({ name: 's1' }), silent: true },
    ]);
  });

  it.each([
    ['Unreachable', 'NodeLost', nodeEntry('node-1', { gone: 'lease-ended', applied })],
    ['Unreachable', 'NodeLeft', nodeEntry('node-1', { gone: 'said-goodbye', applied })],
    ['Degraded', 'LeaseNotHeld', nodeEntry('node-1', { leaseValid: false })],
    ['Unreachable', 'NodeLost', undefined],
  ])('is %s by reason of %s', (phase, reason, entry) => {
    const status = of(entry);
    expect(status.phase).toBe(phase);
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'False', reason });
    if (phase === 'Unreachable') expect(status.vips).toEqual([]);
  });

  it.each([
    ['s0', 'Degraded', { status: 'False', reason: 'CarrierLost' }],
    ['s9', 'Healthy', { status: 'True', reason: 'LeaseHeld' }],
  ])('without a carrier on %s it is %s, for its pool is on s0', (name, phase, ready) => {
    const interfaces = ['s0', 's9'].map((each) => link({ name: each, carrier: each !== name }));
    const spec = { addresses: ['192.0.2.1'], interface: { names: ['s0'] } };
    const [node] = new RecordRig({ nas: spec }, [{ name: 'node-1', over: { interfaces } }]).snapshot().nodes;
    expect(node?.status?.phase).toBe(phase);
    expect(node?.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject(ready);
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

  it('tells whether the agent is scheduled in real time, where somebody asked for that', () => {
    expect(conditionOf(of(nodeEntry('node-1')), 'RealTime')).toMatchObject({
      status: 'True',
      reason: 'RealTimeScheduling',
    });
    const realtime = { active: false, message: 'the kernel refuses it: grant CAP_SYS_NICE' };
    expect(conditionOf(of(nodeEntry('node-1', { realtime })), 'RealTime')).toMatchObject({
      status: 'False',
      reason: 'NormalScheduling',
      message: 'the kernel refuses it: grant CAP_SYS_NICE',
    });
    expect(conditionOf(of(nodeEntry('node-1', { realtime: undefined })), 'RealTime')).toBeUndefined();
    expect(conditionOf(of(undefined), 'RealTime')).toBeUndefined();
  });

  it('B6 says that the management network is faulty where a lost node still answers', () => {
    const lost = nodeEntry('node-1', { gone: 'lease-ended' });
    expect(conditionOf(of(lost), 'ManagementNetworkFaulty')).toMatchObject({ status: 'False' });
    expect(conditionOf(of(lost, 'the lost holder answers'), 'ManagementNetworkFaulty')).toMatchObject({
      status: 'True',
      message: 'the lost holder answers',
    });
  });

  it('B6 does not say so of one whose agent ended the connection itself', () => {
    const dead = nodeEntry('node-1', { gone: 'lease-ended', session: undefined, closedAt: monotonic(100) });
    expect(conditionOf(of(dead, 'the lost holder answers'), 'ManagementNetworkFaulty')).toMatchObject({
      status: 'Unknown',
      reason: 'AgentGone',
      message: 'the lost holder answers',
    });
  });
});

describe('what the checks of a node add to its status', () => {
  const ofChecks = (entry: Partial<NodeEntry>, over: Partial<NodeReport> = {}, previous?: NodeHealthStatus) =>
    nodeStatus({ ...reportOf(nodeEntry('node-1', entry)), ...over }, previous, WALL);
  const failing = checkState('nfs', 'Failing', { output: 'timed out', durationMs: 12.4, sinceMs: 2_000 });
  const standing = (state: CheckState, at = 0, damping = DEFAULT_DAMPING): NodeStanding => {
    const nas = pool({
      health: { ...NO_HEALTH, damping, checks: [check('nfs'), check('raid', { severity: 'Degrade' })] },
    });
    const book = [checkState('nfs'), state].reduce(
      (before, report) =>
        followHealth(
          before,
          {
            pools: [nas],
            nodes: new Map([[nodeName('node-1'), nodeEntry('node-1', { checks: [report] })]]),
            settingsOf: () => NO_SETTINGS,
            wantedSince: () => undefined,
          },
          monotonic(at),
        ),
      NO_HEALTH_KNOWN,
    );
    const found = book.get(nas.name)?.nodes.get(nodeName('node-1'));
    if (!found) throw new Error('not judged');
    return { pool: nas.name, standing: found, heldOffMs: undefined, degradedMs: undefined };
  };

  it('lists them in order, with what they said, how long they took and since when', () => {
    const checks = [checkState('smb'), failing, checkState('raid', 'Idle'), checkState('z', 'Pending', { pool: 'a' })];
    expect(ofChecks({ checks }).checks).toEqual([
      { pool: 'a', name: 'z', state: 'Pending', output: '', duration: '1ms', since: expect.any(String) },
      {
        pool: 'nas',
        name: 'nfs',
        state: 'Failing',
        output: 'timed out',
        duration: '12ms',
        since: '2026-01-01T00:00:07.950Z',
      },
      { pool: 'nas', name: 'smb', state: 'Passing', output: '', duration: '1ms', since: expect.any(String) },
    ]);
  });

  it('keeps the instant of a state for as long as it lasts', () => {
    const before = ofChecks({ checks: [failing] });
    const after = nodeStatus(
      reportOf(nodeEntry('node-1', { checks: [{ ...failing, sinceMs: 2_700 }] })),
      before,
      WALL + 640,
    );
    expect(after.checks?.[0]?.since).toBe(before.checks?.[0]?.since);
    expect(after.leaseSince).toBe(before.leaseSince);
  });

  it('tells first of what does not pass where there is no room for all', () => {
    const many = Array.from({ length: 600 }, (_, i) => checkState(`c-${i}`, i === 599 ? 'Unknown' : 'Passing'));
    const { checks } = ofChecks({ checks: many });
    expect(checks).toHaveLength(512);
    expect(checks?.[0]).toMatchObject({ name: 'c-599', state: 'Unknown' });
  });

  it.each([
    ['Unhealthy', { standings: [standing(failing)] }, 'CheckFailed'],
    ['Unhealthy', { standings: [standing(checkState('nfs', 'Unknown'))] }, 'CheckUnknown'],
    ['Degraded', { standings: [standing(checkState('raid', 'Failing'))] }, 'NodeDegraded'],
    ['Maintenance', { maintenance: true, standings: [standing(failing)] }, 'CheckFailed'],
    ['Healthy', { standings: [standing(checkState('nfs', 'Pending'))] }, 'CheckPending'],
    ['Healthy', {}, 'NodesHealthy'],
  ] as const)('is %s with %j', (phase, over, reason) => {
    const status = ofChecks({}, over);
    expect(status.phase).toBe(phase);
    expect(conditionOf(status, 'ChecksPass')).toMatchObject({ reason });
  });

  it('names pool and check', () => {
    expect(conditionOf(ofChecks({}, { standings: [standing(failing)] }), 'ChecksPass')).toMatchObject({
      status: 'False',
      message: 'pool nas: check nfs fails: timed out',
    });
    expect(conditionOf(ofChecks({}, { maintenance: true }), 'Ready')).toMatchObject({ reason: 'Maintenance' });
  });

  it('tells until when a node is held off, as one instant', () => {
    const item = { ...standing(failing), heldOffMs: 30_000 };
    const before = ofChecks({}, { standings: [item] });
    expect(before.heldOff).toEqual([{ pool: 'nas', until: '2026-01-01T00:00:40.000Z', reason: 'HeldOff' }]);
    const after = nodeStatus(
      { ...reportOf(nodeEntry('node-1')), standings: [{ ...item, heldOffMs: 29_000 }] },
      before,
      WALL + 1_100,
    );
    expect(after.heldOff).toEqual(before.heldOff);
  });

  it('tells until when a node is less preferred, and by how much', () => {
    const item = { ...standing(failing), degradedMs: 30_000 };
    const status = ofChecks({}, { standings: [{ ...item, standing: { ...item.standing, penalty: 40 } }] });
    expect(status.heldOff).toEqual([
      { pool: 'nas', until: '2026-01-01T00:00:40.000Z', reason: 'NodeDegraded', penalty: 40 },
    ]);
  });

  it('tells that a node flapped, and until when nothing moves to it', () => {
    const flapping = [
      { pool: poolName('web'), heldOffMs: 60_000 },
      { pool: poolName('nas'), heldOffMs: 30_000 },
    ];
    const status = nodeStatus({ ...reportOf(nodeEntry('node-1')), flapping }, undefined, WALL);
    expect(status.heldOff).toEqual([
      { pool: 'nas', until: '2026-01-01T00:00:40.000Z', reason: 'Flapping' },
      { pool: 'web', until: '2026-01-01T00:01:10.000Z', reason: 'Flapping' },
    ]);
    expect(status.phase).toBe('Degraded');
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'True', reason: 'Flapping' });
  });

  it('tells of networks that somebody has looked at, and of a master', () => {
    const service = { reachable: true, rttMs: 0.42, message: 'gateway' };
    const status = ofChecks({ service }, { isMaster: true });
    expect(status).toMatchObject({ role: 'Master', networks: { service: { reachable: true, rtt: '0.4ms' } } });
    expect(status.networks?.management).toBeUndefined();
    expect(ofChecks({ service: { ...service, reachable: false } })).toMatchObject({
      phase: 'Degraded',
      role: 'Member',
    });
  });
});
