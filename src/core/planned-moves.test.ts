import { describe, expect, it } from '@jest/globals';
import { held, n, nodeEntry, term, v } from '../testing/core-builders.ts';
import type { Commitment, Commitments } from './commitments.ts';
import { poolName, type VipAddress } from './ids.ts';
import type { AssignedVip } from './messages.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
import { quietNodes, waitingForWord, withClaims } from './planned-moves.ts';
import type { PoolPlans } from './placement/plans.ts';
import { Reason } from './reasons.ts';
import { monotonic } from './time.ts';

const VIP = v('192.0.2.1');
const tableOf = (...entries: NodeEntry[]): NodeTable => new Map(entries.map((entry) => [entry.node, entry]));
const up = tableOf(nodeEntry('node-1'), nodeEntry('node-2'));
const NOBODY = new Map<typeof VIP, NodeEntry['node']>();
const sent = (reason: Reason, over: { readonly stranded?: true } = {}) =>
  new Map([[VIP, { node: n('node-2'), reason, ...over }]]);

describe('a VIP on its way', () => {
  it('belongs to the node for whose sake it left another, or is told to leave it', () => {
    const there = new Map([[VIP, n('node-2')]]);
    for (const reason of [Reason.Failback, Reason.Maintenance, Reason.NodeLeft])
      expect(withClaims(NOBODY, sent(reason), up, new Map())).toEqual(there);
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

describe('a VIP that its holder serves', () => {
  const QUIET_AFTER_MS = 300;
  const other = v('192.0.2.2');
  const there = new Map([[VIP, n('node-1')]]);
  const reign = term(2);
  const node2 = (is: Partial<NodeEntry>): NodeTable =>
    tableOf(nodeEntry('node-1', { highestTerm: reign }), nodeEntry('node-2', { highestTerm: reign, ...is }));
  const quiet = node2({ lastHeard: monotonic(699) });
  const heard = node2({ lastHeard: monotonic(700) });
  const waiting = (
    nodes: NodeTable,
    decided: readonly (readonly [VipAddress, string, Reason])[],
    commitments: Commitments = new Map(),
  ): VipAddress[] => {
    const result = new Map(decided.map(([vip, node, reason]) => [vip, { node: n(node), reason }]));
    const plans = new Map([[poolName('nas'), { result }]]) as unknown as PoolPlans;
    const silent = quietNodes(nodes, commitments, reign, monotonic(1_000 - QUIET_AFTER_MS));
    return [...waitingForWord(plans, there, commitments, silent)];
  };

  it('waits for a word of a node that is quiet, also while its holder is drained', () => {
    for (const reason of [Reason.Failback, Reason.Moved, Reason.Rebalanced, Reason.Maintenance]) {
      expect(waiting(quiet, [[VIP, 'node-2', reason]])).toEqual([VIP]);
      expect(waiting(heard, [[VIP, 'node-2', reason]])).toEqual([]);
    }
  });

  it('waits for a node that may still obey an earlier master, and could not be given it at once', () => {
    for (const highestTerm of [undefined, term(1)]) {
      expect(waiting(node2({ lastHeard: monotonic(1_000), highestTerm }), [[VIP, 'node-2', Reason.NodeLeft]])).toEqual([
        VIP,
      ]);
    }
  });

  it('does not where its holder serves nobody, or is given another VIP in its place', () => {
    expect(waiting(quiet, [[VIP, 'node-2', Reason.CheckFailed]])).toEqual([]);
    const inItsPlace = [other, 'node-1', Reason.Failback] as const;
    expect(waiting(quiet, [[VIP, 'node-2', Reason.HomeOfOther], inItsPlace])).toEqual([]);
  });

  it('is not given back to a holder that was told to let it go', () => {
    const told = (vips: Commitment['vips']): Commitments => new Map([[n('node-1'), { vips } as unknown as Commitment]]);
    const moved = [[VIP, 'node-2', Reason.Moved]] as const;
    expect(waiting(quiet, moved, told(new Map()))).toEqual([]);
    expect(waiting(quiet, moved, told(new Map([[VIP, { vip: VIP } as AssignedVip]])))).toEqual([VIP]);
  });
});
