import { describe, expect, it } from '@jest/globals';
import { applied, held as heldVip, lease, n, nodeEntry, v } from '../testing/core-builders.ts';
import { followHolders, formerHolders, type LastHolders, probeBefore } from './last-holders.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';

const VIP = v('192.0.2.1');
const MAC = '02:00:00:00:00:01';
const tableOf = (...entries: NodeEntry[]): NodeTable => new Map(entries.map((entry) => [entry.node, entry]));
const up = tableOf(nodeEntry('node-1'), nodeEntry('node-2'));
const heldBy = (node: string): ReadonlyMap<typeof VIP, NodeEntry['node']> => new Map([[VIP, n(node)]]);
const NOBODY = new Map<typeof VIP, NodeEntry['node']>();
const holding = nodeEntry('node-1', { applied: applied('node-1', { held: [heldVip(VIP)] }) });
const held: LastHolders = followHolders(new Map(), heldBy('node-1'), tableOf(holding, nodeEntry('node-2')));
const lost = tableOf(nodeEntry('node-1', { gone: 'lease-ended' }), nodeEntry('node-2'));

describe('before a VIP is bound, the network is asked for it', () => {
  it('where its holder was lost: by the MACs of that holder', () => {
    const last = followHolders(held, NOBODY, lost);
    expect(probeBefore(last, lost, formerHolders(lost), VIP, n('node-2'))).toEqual({
      vip: VIP,
      formerMacs: [MAC],
      insistent: false,
    });
  });

  it('with insistence where its lost holder has answered not long ago', () => {
    const last = followHolders(held, NOBODY, lost);
    const asked = probeBefore(last, lost, formerHolders(lost), VIP, n('node-2'), new Set([VIP]));
    expect(asked).toMatchObject({ insistent: true });
  });

  it('where its holder came back with a later epoch: it did not say that it let go', () => {
    const again = tableOf(nodeEntry('node-1', { lease: lease('life-of-node-1', 2) }), nodeEntry('node-2'));
    const last = followHolders(held, NOBODY, again);
    expect(probeBefore(last, again, formerHolders(again), VIP, n('node-2'))).toBeDefined();
  });

  it('where nobody knows who had it', () => {
    expect(probeBefore(new Map(), up, formerHolders(up), VIP, n('node-2'))).toEqual({
      vip: VIP,
      formerMacs: [],
      insistent: false,
    });
  });

  it('not where its holder reported that it let go, or left in order', () => {
    for (const gone of ['no', 'said-goodbye'] as const) {
      const table = tableOf(nodeEntry('node-1', { gone }), nodeEntry('node-2'));
      expect(
        probeBefore(followHolders(held, NOBODY, table), table, formerHolders(table), VIP, n('node-2')),
      ).toBeUndefined();
    }
  });

  it('also by a node that is told to take what one that never said that it did may have bound', () => {
    const released = followHolders(held, NOBODY, up);
    const offered = followHolders(released, heldBy('node-2'), up);
    const gone = tableOf(nodeEntry('node-1'), nodeEntry('node-2', { gone: 'lease-ended' }));
    expect(
      probeBefore(followHolders(offered, NOBODY, gone), gone, formerHolders(gone), VIP, n('node-1')),
    ).toBeDefined();
  });

  it('also where a stranger had it when the first node was told to take it', () => {
    const offered = followHolders(new Map(), heldBy('node-2'), up);
    expect(probeBefore(followHolders(offered, NOBODY, up), up, formerHolders(up), VIP, n('node-1'))).toBeDefined();
  });

  it('also by the next node, after one that was told to take it met an answer and did not bind it', () => {
    const lostSince = followHolders(held, NOBODY, lost);
    const offered = followHolders(lostSince, heldBy('node-2'), lost);
    const refused = followHolders(offered, NOBODY, lost);
    const third = tableOf(...lost.values(), nodeEntry('node-3'));
    expect(probeBefore(refused, third, formerHolders(third), VIP, n('node-3'))).toEqual({
      vip: VIP,
      formerMacs: [MAC],
      insistent: false,
    });
  });

  it('also where the node that was told to take it is told once more, with another version', () => {
    const offered = followHolders(followHolders(held, NOBODY, lost), heldBy('node-2'), lost);
    expect(probeBefore(offered, lost, formerHolders(lost), VIP, n('node-2'))).toEqual({
      vip: VIP,
      formerMacs: [MAC],
      insistent: false,
    });
  });
});
