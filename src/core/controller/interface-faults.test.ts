import { describe, expect, it } from '@jest/globals';
import { link, nodeEntry, pool, v } from '../../testing/core-builders.ts';
import type { NodeEntry } from '../node-table.ts';
import type { Pool } from '../pool.ts';
import { interfaceMissing, whyNobody } from './interface-faults.ts';

const node = (name: string, nic: string, over: Partial<NodeEntry> = {}): NodeEntry =>
  nodeEntry(name, { healthNumber: 1, labels: { role: 'nas' }, interfaces: [link({ name: nic })], ...over });
const table = (...entries: readonly NodeEntry[]): Map<NodeEntry['node'], NodeEntry> =>
  new Map(entries.map((entry) => [entry.node, entry]));
const on = (names: readonly string[], over: Partial<Pool> = {}): Pool =>
  pool({ vips: [v('192.0.2.1')], nodeSelector: { role: 'nas' }, interface: { kind: 'names', names }, ...over });

describe('where no node is fit for a pool', () => {
  it.each([
    [
      'its interface is nowhere',
      on(['eth9']),
      table(node('a', 'eth1'), node('b', 'bond0')),
      'no node has the interface: eth9 is not there: write bond0 or eth1 in spec.interface.names, or start the agents with --interfaces=eth9',
    ],
    [
      'nobody has its labels',
      on(['eth1'], { nodeSelector: { role: 'web' } }),
      table(node('a', 'eth1')),
      'no node has the labels of spec.nodeSelector (role=web): label nodes, or write what they have',
    ],
    ['there is no agent', on(['eth1']), table(), 'no agent is there: start one on each node'],
    [
      'nobody has an address in its subnet',
      on([], { interface: { kind: 'matchSubnet' } }),
      table(node('a', 'eth1', { interfaces: [link({ name: 'eth1', addresses: ['198.51.100.1/24'] })] })),
      'no interface of the nodes (eth1) has an address in the subnet of the VIPs: give nodes one, or write spec.interface.names',
    ],
  ])('%s, says so and what to write', (_, of, nodes, text) => {
    expect(whyNobody(of, nodes)).toBe(text);
  });

  it('says nothing where the interface is there, or was not told yet', () => {
    expect(whyNobody(on(['eth1']), table(node('a', 'eth1')))).toBeUndefined();
    expect(whyNobody(on(['eth1']), table(node('a', 'eth1', { healthNumber: 0, interfaces: [] })))).toBeUndefined();
  });
});

describe('where some nodes lack the interface', () => {
  it('they are named with what to write', () => {
    expect(interfaceMissing(on(['eth1']), table(node('a', 'eth1'), node('b', 'bond0')))).toEqual({
      type: 'Degraded',
      status: 'True',
      reason: 'InterfaceMissing',
      message:
        'no VIP can be on b: eth1 is not there: write bond0 in spec.interface.names, or start the agents with --interfaces=eth1',
    });
  });

  it.each([
    ['all have it', table(node('a', 'eth1'), node('b', 'eth1'))],
    ['nobody has it, which is told otherwise', table(node('a', 'bond0'))],
    ['who lacks it is lost', table(node('a', 'eth1'), node('b', 'bond0', { gone: 'lease-ended' }))],
    ['who lacks it is not of the pool', table(node('a', 'eth1'), node('b', 'bond0', { labels: {} }))],
  ])('nothing is said where %s', (_, nodes) => {
    expect(interfaceMissing(on(['eth1']), nodes)).toBeUndefined();
  });
});
