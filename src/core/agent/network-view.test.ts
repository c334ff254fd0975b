import { describe, expect, it } from '@jest/globals';
import { agentConfig, leasedHost } from '../../testing/agent-host.ts';
import { electorate, check, link } from '../../testing/core-builders.ts';
import type { NetworkState } from '../check-state.ts';
import { controllerId } from '../ids.ts';
import { monotonic } from '../time.ts';
import { afterRun, type CheckTrack, newTrack } from './check-track.ts';
import { NO_CHECKS } from './health-state.ts';
import { managementView, noteworthy, serviceView } from './network-view.ts';
import { answeredBy, LOST_ROUNDS, newTrack as newReachTrack, roundBegins, roundEnds, type Track } from './reach.ts';

const contacts = (rttMs: Record<string, number>, at = 5_000) =>
  new Map(Object.entries(rttMs).map(([id, rtt]) => [controllerId(id), { at: monotonic(at), rttMs: rtt, sequence: 1 }]));
const seen = (of: ReturnType<typeof contacts>, now = 5_000): NetworkState =>
  managementView({ ...NO_CHECKS, startedAt: monotonic(0), contacts: of }, electorate(3), monotonic(now), agentConfig);

describe('the management network', () => {
  it('is as fast as its majority', () => {
    expect(seen(contacts({ c1: 9, c2: 1, c3: 4 }))).toEqual({
      reachable: true,
      rttMs: 4,
      message: '3 of 3 controllers answer',
    });
  });

  it('is reachable while a majority answers, and names who does not', () => {
    expect(seen(contacts({ c1: 9, c3: 4 }))).toEqual({
      reachable: true,
      rttMs: 9,
      message: '2 of 3 controllers answer; silent: c2',
    });
    expect(seen(contacts({ c1: 9 }))).toEqual({
      reachable: false,
      rttMs: undefined,
      message: '1 of 3 controllers answer; silent: c2, c3',
    });
  });

  it('is not reachable when the last answers are older than a lease', () => {
    expect(seen(contacts({ c1: 1, c2: 1 }), 6_000).reachable).toBe(true);
    expect(seen(contacts({ c1: 1, c2: 1 }), 6_001).reachable).toBe(false);
  });

  it('is not judged before the first lease could have been granted', () => {
    expect(seen(contacts({}), 1_000)).toMatchObject({ reachable: true, message: 'not measured' });
    expect(seen(contacts({}), 1_001).reachable).toBe(false);
  });

  it('is measured by every answer, also one that refuses, and smoothed', () => {
    const host = leasedHost();
    expect(host.state.health.contacts.get(controllerId('c1'))).toEqual({ at: 10, rttMs: 10, sequence: 1 });
    host.tick(200).nack(210 + 8, ['c1'], 'Standby');
    expect(host.state.health.contacts.get(controllerId('c1'))).toEqual({ at: 218, rttMs: 11, sequence: 2 });
    expect(host.state.health.contacts.has(controllerId('c3'))).toBe(false);
  });

  it('is not measured by the second answer to one heartbeat, which was sent twice', () => {
    const host = leasedHost().ack(150, ['c1'], 1);
    expect(host.state.health.contacts.get(controllerId('c1'))).toEqual({ at: 150, rttMs: 10, sequence: 1 });
  });
});

describe('the service network', () => {
  const gateway = (name: string, ok: boolean): CheckTrack =>
    afterRun(
      newTrack(check(name, { fall: 1, probe: { type: 'gateway', address: '', interface: '' } }), monotonic(0)),
      { ok, certain: false, output: `${name} said so`, durationMs: 3 },
      monotonic(1),
    );

  it.each([
    [[], { reachable: false, message: 'no service interface is there' }],
    [[link({ carrier: false })], { reachable: false, message: 'no carrier on s0' }],
    [[link()], { reachable: true, rttMs: undefined, message: 'carrier on s0; no gateway is checked' }],
  ])('%# is judged by its carriers', (interfaces, expected) => {
    expect(serviceView(interfaces, [])).toMatchObject(expected);
  });

  it('is judged by who answers on it', () => {
    const asked = newTrackOf('s0', ['192.0.2.2', '192.0.2.3']);
    const answered = (track: Track): Track => roundEnds(answeredBy(roundBegins(track, asked.peers), '192.0.2.2', 2));
    const afterRounds = (from: Track, round: (track: Track) => Track): Track =>
      Array.from({ length: LOST_ROUNDS }).reduce<Track>(round, from);
    const well = afterRounds(asked, answered);
    const quiet = afterRounds(well, (track) => roundEnds(roundBegins(track, asked.peers)));
    expect(serviceView([link()], [], [asked]).message).toBe('carrier on s0; no neighbour has ever answered');
    expect(serviceView([link()], [], [well])).toMatchObject({ reachable: true, rttMs: 2 });
    expect(serviceView([link()], [gateway('gw', true)], [well, quiet])).toEqual({
      reachable: false,
      rttMs: undefined,
      message: 'nobody answers on s0 any more (192.0.2.2 did before): look at its cable, switch port and VLAN',
    });
  });

  it('is judged by its gateways where checks of them say something', () => {
    expect(serviceView([link()], [gateway('gw', true)])).toEqual({
      reachable: true,
      rttMs: 3,
      message: 'check gw reaches the gateway',
    });
    expect(serviceView([link()], [gateway('gw', false)])).toEqual({
      reachable: false,
      rttMs: undefined,
      message: 'gw said so',
    });
    expect(serviceView([link()], [gateway('a', false), gateway('b', true)]).reachable).toBe(true);
    expect(serviceView([link({ carrier: false })], [gateway('b', true)]).reachable).toBe(false);
    expect(serviceView([link()], [newTrack(gateway('a', true).check, monotonic(0))]).message).toMatch('no gateway');
  });
});

const newTrackOf = (name: string, peers: readonly string[]): Track =>
  newReachTrack({ interface: name, peers, watched: [] });

describe('a view', () => {
  const view = (rttMs: number | undefined, message = 'm'): NetworkState => ({ reachable: true, rttMs, message });

  it.each([
    [view(10), view(14), false],
    [view(10), view(16), true],
    [view(16), view(10), true],
    [view(0.1), view(0.5), false],
    [view(undefined), view(undefined), false],
    [view(undefined), view(1), true],
    [view(1), view(undefined), true],
    [view(1), view(1, 'n'), true],
    [view(1), { ...view(1), reachable: false }, true],
  ])('%# is news when people would see a difference', (before, after, isNews) => {
    expect(noteworthy(before, after)).toBe(isNews ? after : before);
  });
});
