import { describe, expect, it } from '@jest/globals';
import { AgentHost, assigned, holdingHost } from '../../testing/agent-host.ts';
import { lease, v } from '../../testing/core-builders.ts';
import { monotonic, NEVER } from '../time.ts';
import { hasLease } from './agent-state.ts';

describe('node lease', () => {
  it('needs a majority and counts from the moment the heartbeat was sent', () => {
    const host = new AgentHost().start().connect(0).tick(0).ack(50, ['c1']);
    expect(hasLease(host.state, monotonic(50))).toBe(false);
    host.ack(60, ['c2']);
    expect(host.state.leaseUntil).toBe(1_000);
    expect(host.said('heartbeat')[0]).toMatchObject({ leaseValid: true });
  });

  it('is extended by the newest heartbeat that a majority has acknowledged', () => {
    const host = holdingHost().tick(200);
    host.ack(210, ['c1']);
    expect(host.state.leaseUntil).toBe(1_000);
    host.ack(220, ['c3']);
    expect(host.state.leaseUntil).toBe(1_200);
  });

  it('ends without contact to a majority: everything goes, the epoch grows, the report says so', () => {
    const host = holdingHost().tick(1_000);
    expect(host.holds()).toEqual([]);
    expect(host.state.lease.epoch).toBe(2);
    expect(host.said('applied')[0]).toMatchObject({ lease: { epoch: 2 }, version: 0, held: [] });
  });

  it('is not revived by a late acknowledgement, nor by one of the old epoch', () => {
    const host = holdingHost().tick(900);
    host.ack(1_001, ['c1', 'c2']);
    expect(host.holds()).toEqual([]);
    expect(hasLease(host.state, monotonic(1_001))).toBe(false);
  });

  it('ends before a frozen agent that wakes up does anything else', () => {
    const host = holdingHost().assign(5_000, 2, [assigned('192.0.2.3')]);
    expect(host.holds()).toEqual([]);
  });

  it('does not announce or refresh anything after its end', () => {
    const host = holdingHost().tick(40_000);
    expect(host.announced()).toEqual([]);
    expect(host.effects.filter((effect) => effect.kind === 'change' && effect.put.length > 0)).toEqual([]);
  });
});

describe('restart', () => {
  it('adopts its VIPs without a flap while the lease is valid', () => {
    const host = holdingHost().start(500);
    expect(host.holds()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.state.lease).toEqual(lease('life-0', 1));
    expect(host.effects.filter((effect) => effect.kind === 'change')).toEqual([
      { kind: 'change', remove: [], put: [] },
    ]);
    expect(host.connect(510).said('applied')[0]).toMatchObject({
      version: 1,
      held: [{ vip: '192.0.2.1' }, { vip: '192.0.2.2' }],
    });
    host.tick(520).ack(530, ['c1', 'c2']);
    expect(host.state.leaseUntil).toBe(1_520);
  });

  it('adds what is missing of the adopted assignment and removes what is not in it', () => {
    const host = holdingHost();
    host.kernel = new Map([[v('192.0.2.9'), { vip: v('192.0.2.9'), interface: 's0', prefixLength: 32 }]]);
    expect(host.start(500).holds()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it.each([
    ['the lease has ended', 1_000, {}],
    ['the host was rebooted', 500, { bootId: 'other' }],
    ['there is no memory', 500, undefined],
  ])('removes everything and starts a new life when %s', (_, now, over) => {
    const host = holdingHost();
    host.memory = over && host.memory ? { ...host.memory, ...over } : undefined;
    host.start(now);
    expect(host.holds()).toEqual([]);
    expect(host.state.lease).toEqual(lease(`life-${now}`, 1));
  });

  it('hands over: it says so, serves until others are given its VIPs, and says goodbye then', () => {
    const host = holdingHost().at(100, { kind: 'stop', mode: 'handover' });
    expect(host.said('health')[0]).toMatchObject({ leaving: true });
    expect(host.connect(105).said('health')[0]).toMatchObject({ leaving: true });
    host.assign(110, 2, [assigned('192.0.2.2')]);
    expect([host.holds(), host.said('goodbye')]).toEqual([['192.0.2.2'], []]);
    host.assign(120, 3, []);
    expect([host.holds(), host.said('goodbye').length]).toEqual([[], 1]);
    expect(host.memory?.leaseValidUntil).toBe(NEVER);
  });

  it('hands over for one lease at most, also to nobody', () => {
    const host = holdingHost().at(100, { kind: 'stop', mode: 'handover' }).tick(200).ack(210, ['c1', 'c2']);
    host.tick(1_099);
    expect(host.holds()).toEqual(['192.0.2.1', '192.0.2.2']);
    host.tick(1_100);
    expect([host.holds(), host.said('goodbye').length]).toEqual([[], 1]);
  });

  it('has nothing to wait for without VIPs', () => {
    const host = holdingHost().assign(50, 2, []).at(100, { kind: 'stop', mode: 'handover' });
    expect(host.said('goodbye')).toHaveLength(1);
  });

  it('says no goodbye while a VIP of ours is still there: that would let others bind it', () => {
    const host = holdingHost();
    host.unremovable.add('192.0.2.2');
    host.at(100, { kind: 'stop', mode: 'handover' }).tick(200).ack(210, ['c1', 'c2']).tick(1_100);
    expect(host.said('applied')[0]).toMatchObject({ held: [{ vip: '192.0.2.2' }] });
    expect(host.said('goodbye')).toEqual([]);
    expect(host.memory?.leaseValidUntil).toBe(NEVER);
    expect(host.effects).toContainEqual(expect.objectContaining({ kind: 'log', level: 'error' }));
  });

  it('leaves everything to its successor when told to keep', () => {
    const host = holdingHost().at(100, { kind: 'stop', mode: 'keep' });
    expect(host.holds()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.effects).toEqual([]);
  });
});
