import { describe, expect, it } from '@jest/globals';
import { assigned, holdingHost, leasedHost } from '../../testing/agent-host.ts';
import { v } from '../../testing/core-builders.ts';

const question = { kind: 'asked', vip: v('192.0.2.1'), interface: 's0' } as const;

describe('a host that lost its lease', () => {
  it('asks who has what it lost, one VIP for each network, over and over', () => {
    const host = holdingHost().tick(1_000);
    const asked: number[] = [];
    for (let now = 1_000; now <= 1_100; now += 5) if (host.tick(now).done('probe').length > 0) asked.push(now);
    expect(asked).toEqual([1_025, 1_050, 1_075, 1_100]);
    expect(host.done('probe')[0]?.addresses).toHaveLength(1);
  });

  it('is woken for the next question', () => {
    expect(holdingHost().tick(1_000).wakeAt()).toBe(1_025);
  });

  it('has nothing to ask where it held nothing', () => {
    const host = leasedHost().tick(1_000);
    expect(host.tick(1_100).done('probe')).toEqual([]);
  });

  it('stops with the next lease', () => {
    const host = holdingHost().tick(1_000).ack(1_010, ['c1', 'c2']);
    expect(host.tick(1_100).done('probe')).toEqual([]);
  });

  it('stops when every neighbour has forgotten it', () => {
    const host = holdingHost().tick(1_000);
    expect(host.tick(601_000).done('probe')).toEqual([]);
    expect(host.state.rejoining).toBeUndefined();
  });
});

describe('a holder that is asked', () => {
  it('announces everything that it has on that interface, so that no client stays with the wrong host', () => {
    const host = leasedHost();
    host.assign(20, 1, [assigned('192.0.2.1'), assigned('192.0.2.2'), assigned('192.0.2.3', { interface: 's1' })]);
    expect(host.at(100, question).announced()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('does so once a second, however often it is asked', () => {
    const host = holdingHost().at(100, question);
    expect(host.at(1_000 - 1, question).announced()).toEqual([]);
    host.tick(900).ack(910, ['c1', 'c2']);
    expect(host.at(1_100, question).announced()).toHaveLength(2);
  });

  it('has nothing to say about an interface on which it holds nothing', () => {
    expect(holdingHost().at(100, { ...question, interface: 's1' }).effects).toEqual([]);
  });
});
