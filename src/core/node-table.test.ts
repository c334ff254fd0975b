import { describe, expect, it } from '@jest/globals';
import { held, lease, n, nodeEntry, v } from '../testing/core-builders.ts';
import type { Hello } from './messages.ts';
import {
  endSilentLeases,
  isReady,
  nextLeaseEnd,
  nodeApplied,
  nodeHealth,
  nodeHeartbeat,
  nodeSaidGoodbye,
  nodeSaidHello,
  type NodeEntry,
  type NodeTable,
  sessionClosed,
} from './node-table.ts';
import { monotonic } from './time.ts';

const timing = { heartbeatMs: 200, leaseMs: 1_000, marginMs: 100 };
const node = n('node-1');
const hello = (over: Partial<Hello> = {}): Hello => ({
  node,
  machineId: 'm',
  bootId: 'b',
  lease: lease('life-of-node-1'),
  leaseHeldMs: 0,
  labels: {},
  agentVersion: '1',
  ...over,
});
const table = (entry: NodeEntry): NodeTable => new Map([[entry.node, entry]]);
const only = (nodes: NodeTable | undefined): NodeEntry => {
  const entry = nodes?.get(node);
  if (!entry) throw new Error('no entry');
  return entry;
};

describe('node table', () => {
  it('knows a node from its first hello and how long it has been stable', () => {
    const entry = only(nodeSaidHello(new Map(), hello({ leaseHeldMs: 5_000 }), 7, monotonic(6_000)));
    expect(entry).toMatchObject({ session: 7, gone: 'no', leaseValid: true, stableSince: 1_000, applied: undefined });
    expect(isReady(entry)).toBe(false);
  });

  it('lets another life of a node wait while the old one may hold a lease', () => {
    const known = table(nodeEntry('node-1'));
    const other = hello({ lease: lease('life-2') });
    expect(nodeSaidHello(known, other, 2, monotonic(500))).toBeUndefined();
    const { table: after, ended } = endSilentLeases(known, monotonic(1_110), timing);
    expect(ended).toEqual([node]);
    expect(only(nodeSaidHello(after, other, 2, monotonic(1_110))).lease).toEqual(lease('life-2'));
  });

  it('accepts a higher epoch of the same life at once, a lower one never', () => {
    const known = table(nodeEntry('node-1', { lease: lease('life-1', 3) }));
    expect(nodeSaidHello(known, hello({ lease: lease('life-1', 4) }), 2, monotonic(1))).toBeDefined();
    expect(nodeSaidHello(known, hello({ lease: lease('life-1', 2) }), 2, monotonic(1))).toBeUndefined();
  });

  it('ends a lease only after the lease, the drift of two clocks and the margin', () => {
    const known = table(nodeEntry('node-1'));
    expect(nextLeaseEnd(known, timing)).toBe(1_110);
    expect(endSilentLeases(known, monotonic(1_109), timing).ended).toEqual([]);
    expect(only(endSilentLeases(known, monotonic(1_110), timing).table).gone).toBe('lease-ended');
    expect(nextLeaseEnd(endSilentLeases(known, monotonic(1_110), timing).table, timing)).toBe(Infinity);
  });

  it('starts the count of stability again after a lease ended, a carrier was lost or regained', () => {
    const entry = nodeEntry('node-1');
    const beat = { sequence: 1, lease: entry.lease, leaseValid: true, highestTerm: undefined };
    const gone = { ...entry, gone: 'lease-ended' as const };
    expect(only(nodeHeartbeat(table(gone), gone, beat, monotonic(9_000))).stableSince).toBe(9_000);
    const link = entry.interfaces[0];
    if (!link) throw new Error('no interface');
    const unplugged = only(
      nodeHealth(table(entry), entry, { interfaces: [{ ...link, carrier: false }] }, monotonic(10)),
    );
    expect(unplugged.stableSince).toBe(10);
    expect(only(nodeHealth(table(unplugged), unplugged, { interfaces: [link] }, monotonic(20))).stableSince).toBe(20);
  });

  it('keeps the last report of a node that comes back under the same lease', () => {
    const applied = {
      lease: lease('life-of-node-1'),
      term: undefined,
      version: 3,
      held: [held(v('192.0.2.1'))],
      refused: [],
    };
    const gone = only(endSilentLeases(table(nodeEntry('node-1', { applied })), monotonic(5_000), timing).table);
    const beat = { sequence: 1, lease: gone.lease, leaseValid: true, highestTerm: undefined };
    expect(only(nodeHeartbeat(table(gone), gone, beat, monotonic(5_001))).applied).toEqual(applied);
  });

  it('takes a report of a newer epoch as news of that epoch, of an older one not at all', () => {
    const entry = nodeEntry('node-1', { lease: lease('life-1', 2) });
    const empty = { term: undefined, version: 0, held: [], refused: [] };
    const newer = only(nodeApplied(table(entry), entry, { ...empty, lease: lease('life-1', 3) }));
    expect([newer.lease.epoch, newer.leaseValid]).toEqual([3, false]);
    expect(nodeApplied(table(entry), entry, { ...empty, lease: lease('life-1', 1) })).toBeUndefined();
  });

  it('counts a node that said goodbye as gone, one whose stream closed not', () => {
    const entry = nodeEntry('node-1', { session: 4 });
    expect(only(nodeSaidGoodbye(table(entry), entry)).gone).toBe('said-goodbye');
    const closed = only(sessionClosed(table(entry), 4));
    expect([closed.gone, closed.session, isReady(closed)]).toEqual(['no', undefined, false]);
    expect(sessionClosed(table(entry), 5)).toBeUndefined();
  });
});
