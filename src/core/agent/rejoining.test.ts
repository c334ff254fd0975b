import { describe, expect, it } from '@jest/globals';
import { type AgentHost, assigned, holdingHost, leasedHost } from '../../testing/agent-host.ts';
import { v } from '../../testing/core-builders.ts';
import type { ReachState } from '../neighbours.ts';
import { newTrack } from './reach.ts';

const question = { kind: 'asked', vip: v('192.0.2.1'), interface: 's0', mac: '02:00:00:00:00:02' } as const;

const claim = (vip: string) => ({ kind: 'claimed', vip: v(vip), interface: 's0', mac: '02:00:00:00:00:02' }) as const;

/** The service network of the host, as it was judged last. */
function behind(state: ReachState, host: AgentHost): AgentHost {
  const track = { ...newTrack({ interface: 's0', peers: ['192.0.2.9'], watched: [] }), state };
  const { health } = host.state;
  const reaching = { ...health.reaching, tracks: new Map([['s0', track]]) };
  host.state = { ...host.state, health: { ...health, reaching } };
  return host;
}

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
    expect(host.state.rejoining).toBeUndefined();
  });

  it('goes on with the next lease while nobody answers on that network', () => {
    const host = behind('Silent', holdingHost()).tick(1_000).ack(1_010, ['c1', 'c2']);
    expect(host.tick(1_100).done('probe')).toHaveLength(1);
    expect(behind('Suspect', host).tick(1_200).done('probe')).toHaveLength(1);
    expect(behind('Answered', host).tick(1_300).done('probe')).toEqual([]);
  });

  it('stops when somebody answers for it', () => {
    const host = holdingHost().tick(1_000).at(1_050, claim('192.0.2.2'));
    expect(host.tick(1_100).done('probe')).toEqual([]);
  });

  it('stops when every neighbour has forgotten it', () => {
    const host = holdingHost().tick(1_000);
    expect(host.tick(601_000).done('probe')).toEqual([]);
    expect(host.state.rejoining).toBeUndefined();
  });
});

describe('a host whose VIPs are taken from it', () => {
  const after = (reach: ReachState) => behind(reach, holdingHost()).assign(100, 2, [assigned('192.0.2.1')]);

  it('asks for them where nobody answers on that network', () => {
    for (const reach of ['Silent', 'Suspect'] as const) {
      expect(after(reach).tick(125).done('probe')).toMatchObject([{ addresses: [{ vip: '192.0.2.2' }] }]);
    }
  });

  it('has nothing to ask where they were moved on a network that is whole', () => {
    expect(after('Answered').tick(125).done('probe')).toEqual([]);
  });

  it('stops asking for what it is given again', () => {
    const host = after('Silent').assign(150, 3, [assigned('192.0.2.1'), assigned('192.0.2.2')]);
    expect(host.tick(180).done('probe')).toEqual([]);
  });
});

describe('a holder that is asked', () => {
  it('announces everything that it has on that interface, so that no client stays with the wrong host', () => {
    const host = leasedHost();
    host.assign(20, 1, [assigned('192.0.2.1'), assigned('192.0.2.2'), assigned('192.0.2.3', { interface: 's1' })]);
    expect(host.at(100, question).announced()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('does so once a second for each host, however often it is asked', () => {
    const host = holdingHost().at(100, question);
    expect(host.at(1_000 - 1, question).announced()).toEqual([]);
    expect(host.at(1_000 - 1, { ...question, mac: '02:00:00:00:00:03' }).announced()).toHaveLength(2);
    host.tick(900).ack(910, ['c1', 'c2']);
    expect(host.at(1_100, question).announced()).toHaveLength(2);
  });

  it('has nothing to say about an interface on which it holds nothing', () => {
    expect(holdingHost().at(100, { ...question, interface: 's1' }).effects).toEqual([]);
  });
});
