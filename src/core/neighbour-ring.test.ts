import { describe, expect, it } from '@jest/globals';
import { link, nodeEntry, pool, v } from '../testing/core-builders.ts';
import type { NodeName } from './ids.ts';
import { neighboursOf, nextRing } from './neighbour-ring.ts';
import type { Neighbours } from './neighbours.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';

const at = (host: number): string => `192.0.2.${host}`;
const node = (host: number, over: Partial<NodeEntry> = {}): NodeEntry =>
  nodeEntry(`n${host}`, { interfaces: [link({ addresses: [`${at(host)}/24`] })], ...over });
const tableOf = (...entries: readonly NodeEntry[]): NodeTable => new Map(entries.map((entry) => [entry.node, entry]));
const found = (
  table: NodeTable,
  pools = [pool({ vips: [v('192.0.2.200')] })],
): ReadonlyMap<NodeName, readonly Neighbours[]> => neighboursOf(nextRing([], table), pools);
const asked = (table: NodeTable, host: number): readonly string[] =>
  found(table)
    .get(node(host).node)
    ?.flatMap(({ peers }) => peers) ?? [];

describe('whom nodes ask', () => {
  it('is the next three, around the ring', () => {
    const table = tableOf(...[5, 3, 1, 4, 2].map((host) => node(host)));
    expect(asked(table, 1)).toEqual([at(2), at(3), at(4)]);
    expect(asked(table, 4)).toEqual([at(5), at(1), at(2)]);
  });

  it('makes every node be asked by three others, however many there are', () => {
    const hosts = Array.from({ length: 100 }, (_, i) => i + 100);
    const table = tableOf(...hosts.map((host) => node(host)));
    const all = [...found(table).values()].flat().flatMap(({ peers }) => peers);
    for (const host of hosts) expect(all.filter((address) => address === at(host))).toHaveLength(3);
  });

  it('is nobody for a lone node, whose interface is told all the same', () => {
    expect(found(tableOf(node(1))).get(node(1).node)).toEqual([{ interface: 's0', peers: [], watched: [] }]);
  });

  it('leaves out lost nodes, which two others watch', () => {
    const table = tableOf(node(1), node(2, { gone: 'lease-ended' }), node(3), node(4), node(5));
    expect(asked(table, 1)).toEqual([at(3), at(4), at(5)]);
    const watching = [...found(table)].filter(([, [first]]) => first?.watched.includes(at(2)) === true);
    expect(watching.map(([name]) => name)).toEqual(['n3', 'n4']);
    expect(found(table).has(node(2).node)).toBe(false);
  });

  it('leaves out nodes that left, that were never heard, or that are of other pools', () => {
    const table = tableOf(
      node(1, { labels: { role: 'nas' } }),
      node(2, { gone: 'said-goodbye', labels: { role: 'nas' } }),
      node(3, { bootId: '', labels: { role: 'nas' } }),
      node(4),
      node(5, { labels: { role: 'nas' } }),
    );
    const nas = [pool({ nodeSelector: { role: 'nas' }, vips: [v('192.0.2.200')] })];
    expect(found(table, nas).get(node(1).node)?.[0]?.peers).toEqual([at(5)]);
    expect(found(table, nas).has(node(4).node)).toBe(false);
  });

  it('keeps to the link: no address of another subnet, and none that is link-local', () => {
    const other = link({ addresses: ['fe80::2/64', '198.51.100.2/24', '2001:db8::2/64'] });
    const own = link({ addresses: ['fe80::1/64', '192.0.2.1/24', '2001:db8::1/64'] });
    const table = tableOf(node(1, { interfaces: [own] }), node(2, { interfaces: [other] }));
    expect(asked(table, 1)).toEqual(['2001:db8::2']);
  });

  it('keeps to interfaces on which VIPs of the pool can be', () => {
    const two = [link(), link({ name: 's1', addresses: ['198.51.100.1/24'] })];
    const table = tableOf(node(1, { interfaces: two }));
    const names = (one: ReturnType<typeof pool>): string[] =>
      found(table, [one])
        .get(node(1).node)
        ?.map((item) => item.interface) ?? [];
    expect(names(pool())).toEqual(['s0']);
    expect(names(pool({ interface: { kind: 'matchSubnet' }, vips: [v('198.51.100.9')] }))).toEqual(['s1']);
  });

  it('is worked out anew only when it may have changed', () => {
    const first = nextRing([], tableOf(node(1), node(2)));
    const [one, two] = [...tableOf(node(1), node(2)).values()];
    if (!one || !two) throw new Error('two nodes');
    const ring = nextRing([], tableOf(one, two));
    expect(nextRing(ring, tableOf({ ...one, leaseValid: false, healthNumber: 9 }, two))).toBe(ring);
    expect(nextRing(ring, tableOf({ ...one, gone: 'lease-ended' }, two))).not.toBe(ring);
    expect(first).not.toBe(ring);
  });
});
