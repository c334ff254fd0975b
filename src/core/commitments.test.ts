import { describe, expect, it } from '@jest/globals';
import { applied, held, lease, n, nodeEntry, term, v } from '../testing/core-builders.ts';
import { type Commitment, settle, suspend } from './commitments.ts';
import { poolName, type VipAddress } from './ids.ts';
import type { AssignedVip } from './messages.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';

const reign = term(5);
const [first, second, other] = [v('192.0.2.1'), v('192.0.2.2'), v('198.51.100.1')];

const assigned = (vip: VipAddress, pool: string): [VipAddress, AssignedVip] => [
  vip,
  {
    vip,
    pool: poolName(pool),
    interface: 's0',
    prefixLength: 32,
    announce: { count: 5, intervalMs: 1_100, refreshMs: 0 },
  },
];

/** Version 6 brought the second VIP of a pool that holds; the other pool does not. */
const sent: Commitment = {
  lease: nodeEntry('node-1').lease,
  session: 1,
  version: 6,
  vips: new Map([assigned(first, 'nas'), assigned(second, 'nas'), assigned(other, 'web')]),
  holdPools: [{ name: poolName('nas'), members: [] }],
  settled: true,
  possible: new Set([first, second, other]),
  resumed: false,
};

const table = (over: Partial<NodeEntry>): NodeTable => new Map([[n('node-1'), nodeEntry('node-1', over)]]);

const reported = (version: number): NodeTable =>
  table({ applied: applied('node-1', { term: reign, version, held: [held(first)] }) });

describe('what was sent under a lease that is taken up again', () => {
  const over = suspend(new Map(), new Map([[n('node-1'), sent]]), table({ gone: 'lease-ended' }));
  const resumed = (nodes: NodeTable): Commitment | undefined => settle(new Map(), nodes, reign, over).get(n('node-1'));

  it('may be held, whatever a report from before says', () => {
    expect(resumed(reported(5))?.possible).toContain(second);
  });

  it('is not held where a report from after the gap does not name it', () => {
    expect([...(resumed(reported(65_542))?.possible ?? [])]).toEqual([first]);
  });

  it('makes nobody a holder of what ended with the lease', () => {
    expect([...(resumed(reported(5))?.vips.keys() ?? [])]).toEqual([first, second]);
  });

  it('is forgotten once another lease has followed, or the node has left', () => {
    const node = n('node-1');
    const next = nodeEntry('node-1', { lease: lease('another-life') });
    expect(suspend(over, new Map(), new Map([[node, next]])).size).toBe(0);
    expect(suspend(over, new Map(), table({ gone: 'said-goodbye' })).size).toBe(0);
    expect(settle(new Map(), new Map([[node, next]]), reign, over).size).toBe(0);
  });
});

it('is not meant for a node any more that has passed over it: others may go on with it', () => {
  const node = n('node-1');
  const settled = (version: number): Commitment | undefined =>
    settle(new Map([[node, sent]]), reported(version), reign).get(node);
  expect([...(settled(6)?.vips.keys() ?? [])]).toEqual([first, second, other]);
  expect([...(settled(65_542)?.vips.keys() ?? [])]).toEqual([first]);
});
