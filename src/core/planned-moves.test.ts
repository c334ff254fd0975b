import { describe, expect, it } from '@jest/globals';
import { held, n, nodeEntry, v } from '../testing/core-builders.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
import { withClaims } from './planned-moves.ts';
import { Reason } from './reasons.ts';

const VIP = v('192.0.2.1');
const tableOf = (...entries: NodeEntry[]): NodeTable => new Map(entries.map((entry) => [entry.node, entry]));
const up = tableOf(nodeEntry('node-1'), nodeEntry('node-2'));
const NOBODY = new Map<typeof VIP, NodeEntry['node']>();
const sent = (reason: Reason, over: { readonly stranded?: true } = {}) =>
  new Map([[VIP, { node: n('node-2'), reason, ...over }]]);

describe('a VIP on its way', () => {
  it('belongs to the node for whose sake it left another, or is told to leave it', () => {
    const there = new Map([[VIP, n('node-2')]]);
    expect(withClaims(NOBODY, sent(Reason.Failback), up, new Map())).toEqual(there);
    const leaving = new Map([[VIP, n('node-1')]]);
    expect(withClaims(leaving, sent(Reason.Failback), up, new Map([[n('node-1'), { vips: new Map() }]]))).toEqual(
      there,
    );
  });

  it('does not where it was lost, where it waits, or where that node is gone', () => {
    expect(withClaims(NOBODY, sent(Reason.NodeLost), up, new Map()).size).toBe(0);
    expect(withClaims(NOBODY, sent(Reason.Moved, { stranded: true }), up, new Map()).size).toBe(0);
    const gone = tableOf(nodeEntry('node-2', { gone: 'lease-ended' }));
    expect(withClaims(NOBODY, sent(Reason.Moved), gone, new Map()).size).toBe(0);
  });

  it('is with its holder as long as that may keep it', () => {
    const holders = new Map([[VIP, n('node-1')]]);
    const given = new Map([[n('node-1'), { vips: new Map([[VIP, held(VIP)]]) }]]);
    expect(withClaims(holders, sent(Reason.Failback), up, given)).toEqual(holders);
  });
});
