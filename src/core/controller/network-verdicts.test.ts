import { describe, expect, it } from '@jest/globals';
import { link, n, nodeEntry, pool } from '../../testing/core-builders.ts';
import type { NodeName } from '../ids.ts';
import type { NodeEntry } from '../node-table.ts';
import { monotonic } from '../time.ts';
import { answersElsewhere, networkVerdicts } from './network-verdicts.ts';

const node = (name: string, host: number, over: Partial<NodeEntry> = {}): NodeEntry =>
  nodeEntry(name, { interfaces: [link({ addresses: [`192.0.2.${host}/24`] })], ...over });
const lost = node('a', 1, { gone: 'lease-ended' });
const silent = { reach: [{ interface: 's0', state: 'Silent' as const }] };

const seen = (entries: readonly NodeEntry[], mute: readonly NodeName[] = [], of = pool()): Record<string, unknown> =>
  Object.fromEntries(
    networkVerdicts(of, {
      members: entries,
      nodes: new Map(entries.map((entry) => [entry.node, entry])),
      mute: new Set(mute),
      isMissed: () => true,
    }).map(({ type, status, reason, message }) => [type, [status, reason, message]]),
  );

describe('nodes that are silent on the management network', () => {
  it('are none', () => {
    expect(seen([node('a', 1), node('b', 2)])['MembersUnreachable']).toEqual([
      'False',
      'MembersAnswer',
      'every node of this pool answers on the management network',
    ]);
  });

  it('are named with what they do on the service network', () => {
    const watcher = node('c', 3, { answering: ['192.0.2.1'] });
    expect(seen([lost, node('b', 2, { gone: 'lease-ended' }), watcher])['MembersUnreachable']).toEqual([
      'True',
      'MembersSilent',
      'silent on the management network: a (alive: answers c on the service network), b (does not answer on the service network)',
    ]);
  });

  it('are those that miss only multicast as well', () => {
    expect(seen([node('a', 1), node('b', 2)], [n('b')])['MembersUnreachable']).toMatchObject([
      'True',
      'MembersSilent',
      'silent on the management network: b (its heartbeats arrive: only multicast is lost)',
    ]);
  });

  it('are not those that left in order, nor those of other pools', () => {
    const others = [node('a', 1, { gone: 'said-goodbye' }), node('b', 2)];
    expect(seen(others)['MembersUnreachable']).toEqual(expect.arrayContaining(['False']));
  });

  it('are told of with the host that still hears them', () => {
    const watcher = node('c', 3, { answering: ['192.0.2.1'] });
    const table = new Map([lost, watcher].map((entry) => [entry.node, entry]));
    expect(answersElsewhere(lost, table)).toBe(
      'no heartbeat arrives, but 192.0.2.1 answers c on the service network: either its management network is down, or ' +
        'its agent hangs, which looks the same from here. Ping its management address: without an answer look at NIC, ' +
        'cable and switch port, else restart its agent',
    );
    expect(answersElsewhere(watcher, table)).toBeUndefined();
    expect(answersElsewhere(lost, new Map([[lost.node, lost]]))).toBeUndefined();
  });
});

it('an agent that ended its connection is told apart from a network that fails', () => {
  const dead = node('a', 1, { gone: 'lease-ended', session: undefined, closedAt: monotonic(100) });
  const watcher = node('c', 3, { answering: ['192.0.2.1'] });
  expect(seen([dead, watcher])['MembersUnreachable']).toMatchObject([
    'True',
    'MembersSilent',
    'silent on the management network: a (its agent ended the connection, and the host answers c on the service network)',
  ]);
  expect(answersElsewhere(dead, new Map([dead, watcher].map((entry) => [entry.node, entry])))).toBe(
    'no heartbeat arrives, but 192.0.2.1 answers c on the service network, and the agent ended its connection: see to ' +
      'the agent, and where it runs, to the management network',
  );
});

describe('the service network', () => {
  it('is well', () => {
    expect(seen([node('a', 1), node('b', 2)])['ServiceNetworkFaulty']).toEqual(
      expect.arrayContaining(['False', 'ServiceReachable']),
    );
  });

  it('is lost to some', () => {
    expect(seen([node('a', 1, silent), node('b', 2)])['ServiceNetworkFaulty']).toEqual([
      'True',
      'ServiceUnreachable',
      'nobody answers a (s0) any more: look at cable, switch port and VLAN; VIPs go to nodes that are answered',
    ]);
  });

  it('is lost to all', () => {
    const all = [node('a', 1, silent), node('b', 2, silent), node('c', 3, { gone: 'lease-ended' })];
    expect(seen(all)['ServiceNetworkFaulty']).toEqual([
      'True',
      'ServiceDown',
      'no node reaches anybody on the service network (a (s0), b (s0)): look at the switch; VIPs stay where they are',
    ]);
  });

  it('is none of its concern on interfaces of other pools', () => {
    const interfaces = [link(), link({ name: 's9', addresses: ['198.51.100.1/24'] })];
    const other = node('a', 1, { interfaces, reach: [{ interface: 's9', state: 'Silent' }] });
    for (const one of [pool(), pool({ interface: { kind: 'matchSubnet' } })])
      expect(seen([other], [], one)['ServiceNetworkFaulty']).toEqual(expect.arrayContaining(['False']));
  });
});
