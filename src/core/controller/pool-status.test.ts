import { describe, expect, it } from '@jest/globals';
import { n, term, v, electorate } from '../../testing/core-builders.ts';
import { boundAt as bound, poolReport as report } from '../../testing/pool-report.ts';
import type { VipPoolStatus } from '../api/types.gen.ts';
import { poolName } from '../ids.ts';
import { conditionEvents } from '../object-event.ts';
import type { BindingView, PoolView } from '../pool-view.ts';
import { Reason } from '../reasons.ts';
import type { RefusalReason } from '../messages.ts';
import type { DoneMove } from '../move-log.ts';
import { monotonic } from '../time.ts';
import { moveRecord, poolStatus } from './pool-status.ts';
import type { PoolReport } from './status-report.ts';

const EARLY = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:01:00.000Z';
const ready = (status: VipPoolStatus): unknown => status.conditions?.find((item) => item.type === 'Ready');

describe('status of a pool', () => {
  it('is ready when every VIP is bound', () => {
    const status = poolStatus(report([bound('192.0.2.1'), bound('192.0.2.2')]), undefined, EARLY);
    expect(status).toMatchObject({ observedGeneration: 3, total: 2, assigned: 2, nodes: 3, master: 'c1' });
    expect(ready(status)).toMatchObject({ status: 'True', reason: 'AllBound', observedGeneration: 3 });
  });

  it('names the VIPs that no node can hold', () => {
    const homeless = bound('192.0.2.2', { node: undefined, state: 'Unassigned', reason: Reason.NoEligibleNode });
    const status = poolStatus(report([bound('192.0.2.1'), homeless]), undefined, EARLY);
    expect(ready(status)).toMatchObject({ status: 'False', reason: 'NoEligibleNode' });
    expect(ready(status)).toHaveProperty('message', expect.stringContaining('192.0.2.2'));
  });

  it('tells of each rule that leaves VIPs without a node what to do about it', () => {
    const waits = (address: string, reason: Reason): BindingView =>
      bound(address, { node: undefined, state: 'Unassigned', reason });
    const views = [
      waits('192.0.2.1', Reason.OverLimit),
      waits('192.0.2.2', Reason.ZeroWeight),
      waits('192.0.2.3', Reason.OverLimit),
      waits('192.0.2.4', Reason.WaitingForRelease),
    ];
    const status = poolStatus(report(views), undefined, EARLY);
    expect(ready(status)).toMatchObject({ status: 'False', reason: 'OverLimit' });
    const { message } = ready(status) as { message: string };
    expect(message).toContain('192.0.2.1, 192.0.2.3: every node that could has maxPerNode VIPs');
    expect(message).toContain('; 192.0.2.2: every node that could has weight 0');
    expect(message).not.toContain('192.0.2.4');
  });

  it('that nobody holds since no node is healthy says so, and is told as an event', () => {
    const over = { node: undefined, state: 'Unassigned', reason: Reason.AllUnhealthy } as const;
    const { conditions = [] } = poolStatus(report([bound('192.0.2.1', over)]), undefined, EARLY);
    expect(ready({ conditions })).toMatchObject({
      status: 'False',
      reason: 'AllUnhealthy',
      message: expect.stringMatching(
        /^no node can hold 192\.0\.2\.1: no node is healthy, and spec\.health\.whenAllUnhealthy/,
      ),
    });
    const { events } = conditionEvents({ kind: 'VipPool', name: 'nas' }, conditions, new Map());
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'Warning', reason: 'AllUnhealthy', action: 'Ready' }),
    );
  });

  it('names nodes that hold on without a lease', () => {
    const { view } = report([bound('192.0.2.1')]);
    const lost = view && { ...view, holdingOn: [n('node-2')] };
    const of = (over: Partial<PoolReport>): unknown =>
      poolStatus(report([bound('192.0.2.1')], over), undefined, EARLY).conditions?.find(
        ({ type }) => type === 'QuorumLost',
      );
    expect(of({})).toMatchObject({ status: 'False', reason: 'EveryHolderHasALease' });
    expect(of({ view: lost })).toMatchObject({ status: 'True', reason: 'HeldWithoutLease' });
    expect(of({ view: lost })).toHaveProperty('message', expect.stringContaining('node-2'));
  });

  it('keeps the time of what did not change and moves the time of what did', () => {
    const first = poolStatus(report([bound('192.0.2.1'), bound('192.0.2.2')]), undefined, EARLY);
    const moved = bound('192.0.2.2', { node: n('node-2'), reason: Reason.NodeLost });
    const second = poolStatus(report([bound('192.0.2.1'), moved]), first, LATER);
    expect(second.bindings?.map((item) => item.since)).toEqual([EARLY, LATER]);
    expect(second.conditions?.[0]?.lastTransitionTime).toBe(EARLY);
    expect(second.bindings?.[1]).toMatchObject({ node: 'node-2', home: 'node-1', reason: 'NodeLost' });
  });

  it('keeps the reason of a move over a change of master', () => {
    const first = poolStatus(report([bound('192.0.2.1', { reason: Reason.NodeLost })]), undefined, EARLY);
    const second = poolStatus(report([bound('192.0.2.1', { reason: Reason.Kept })], { term: term(3) }), first, LATER);
    expect(second.bindings?.[0]).toMatchObject({ reason: 'NodeLost', term: 2, since: EARLY });
  });

  it('says what is wrong with a manifest and what stays in force', () => {
    const problems = [{ path: 'spec.addresses[0]', message: 'write an address' }];
    const status = poolStatus(report([bound('192.0.2.1')], { problems }), undefined, EARLY);
    expect(ready(status)).toMatchObject({
      status: 'False',
      reason: 'InvalidSpec',
      message: 'spec.addresses[0]: write an address (generation 3 stays in force)',
    });
    expect(status.bindings).toHaveLength(1);
  });

  it('leaves the last bindings where no version was ever valid', () => {
    const before = poolStatus(report([bound('192.0.2.1')]), undefined, EARLY);
    const status = poolStatus(
      report(undefined, { problems: [{ path: 'spec', message: 'is missing' }] }),
      before,
      LATER,
    );
    expect(status.bindings).toEqual(before.bindings);
  });

  it('tells which pool has a contested address', () => {
    const conflicts = [{ vip: v('192.0.2.9'), owner: poolName('older') }];
    const status = poolStatus(report([], { conflicts }), undefined, EARLY);
    expect(ready(status)).toMatchObject({ status: 'False', reason: 'PoolConflict' });
    expect(ready(status)).toHaveProperty('message', expect.stringContaining('older'));
  });
});

describe('conditions of a pool', () => {
  const VIP = v('192.0.2.1');
  const MAC = '02:00:00:00:00:ff';
  const of = (type: string, item: PoolReport): unknown =>
    poolStatus(item, undefined, EARLY).conditions?.find((found) => found.type === type);
  const seen = (over: Partial<PoolView>): PoolReport => {
    const { view, ...rest } = report([bound(VIP)]);
    return { ...rest, view: view && { ...view, ...over } };
  };

  it('AddressConflict names the MAC that claims a VIP which a node holds', () => {
    const rivals = [{ vip: VIP, mac: MAC, node: n('node-1') }];
    const found = of('AddressConflict', seen({ rivals }));
    expect(found).toMatchObject({ status: 'True', reason: 'AddressConflict' });
    expect(found).toHaveProperty('message', `${MAC} claims ${VIP}, which node-1 holds: remove it there`);
  });

  it('AddressConflict tells what a node that was to bind a VIP found, and of no other refusal', () => {
    const refusal = (reason: RefusalReason): PoolReport =>
      seen({ refusals: [{ node: n('node-1'), vip: VIP, reason, message: `${MAC} answers for it` }] });
    expect(of('AddressConflict', refusal('AddressConflict'))).toMatchObject({
      status: 'True',
      message: `${MAC} answers for it`,
    });
    expect(of('AddressConflict', refusal('BindFailed'))).toMatchObject({ status: 'False', reason: 'NoConflict' });
  });

  it.each([1, 2])('ControllersVote is false with %d of them, and says what to do', (controllers) => {
    const found = of('ControllersVote', report([bound(VIP)], { electorate: electorate(controllers) }));
    expect(found).toMatchObject({ status: 'False', reason: 'LockOnly' });
    expect(found).toHaveProperty('message', expect.stringContaining('run 3 or 5'));
  });

  it('ControllersVote tells of a change that is under way', () => {
    const members = electorate(3).members.slice(0, 2);
    const joining = electorate(3).members[2];
    const over = { electorate: { version: 4, members, joining }, changeWaitsFor: 'node-7 to follow' };
    const text = 'electorate 4; c3 joins; the next change waits for node-7 to follow';
    expect(of('ControllersVote', report([bound(VIP)], over))).toMatchObject({
      status: 'True',
      message: `2 controllers elect the master by majority; ${text}`,
    });
  });

  it.each([3, 5])('ControllersVote is true with %d of them', (controllers) => {
    const found = of('ControllersVote', report([bound(VIP)], { electorate: electorate(controllers) }));
    expect(found).toMatchObject({ status: 'True', reason: 'Majority' });
  });
});

describe('what a pool status remembers', () => {
  const move = (vip: string, at: number): DoneMove => ({
    vip: v(vip),
    from: n('node-1'),
    to: n('node-2'),
    reason: Reason.CheckFailed,
    at: monotonic(at),
    detectMs: undefined,
    decideMs: 1.4,
    bindMs: 12,
  });

  it('are the newest moves, those of earlier masters as well', () => {
    const wall = Date.parse(LATER);
    const first = poolStatus(report([]), undefined, EARLY, [moveRecord(move('192.0.2.1', 500), 1_000, wall)]);
    expect(first.history).toEqual([
      {
        time: '2026-01-01T00:00:59.500Z',
        address: '192.0.2.1',
        from: 'node-1',
        to: 'node-2',
        reason: 'CheckFailed',
        decideMs: 1,
        bindMs: 12,
      },
    ]);
    const news = Array.from({ length: 64 }, (_, i) => moveRecord(move('192.0.2.2', i), 1_000, wall));
    const next = poolStatus(report([]), first, LATER, news.slice(1));
    expect(next.history).toHaveLength(64);
    expect(next.history?.at(-1)).toEqual(first.history?.[0]);
    expect(poolStatus(report([]), next, LATER, news.slice(0, 1)).history).not.toContainEqual(first.history?.[0]);
  });

  it('is what is behind a reason, in as many words as there is room for', () => {
    const message = 'node-1: check nfs fails: '.padEnd(256, 'x');
    const few = poolStatus(report([bound('192.0.2.1', { message })]), undefined, EARLY);
    expect(few.bindings?.[0]?.message).toBe(message);
    const all = Array.from({ length: 2_048 }, () => bound('192.0.2.1', { message }));
    expect(poolStatus(report(all), undefined, EARLY).bindings?.[0]?.message).toHaveLength(64);
    const kept = poolStatus(report([bound('192.0.2.1', { reason: Reason.Kept })]), few, LATER);
    expect(kept.bindings?.[0]).toEqual(few.bindings?.[0]);
  });
});
