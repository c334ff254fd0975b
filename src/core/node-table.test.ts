import { describe, expect, it } from '@jest/globals';
import {
  applied,
  electorate,
  healthReport,
  held,
  lease,
  link,
  n,
  nodeEntry,
  pool,
  term,
  v,
} from '../testing/core-builders.ts';
import { electorateName } from './electorate.ts';
import type { HealthReport, Heartbeat, Hello } from './messages.ts';
import {
  endSilentLeases,
  hungUp,
  isReady,
  leaseSpent,
  nextLeaseEnd,
  nodeApplied,
  nodeHealth,
  nodeHeartbeat,
  nodeKnocked,
  nodeRestored,
  nodeSaidGoodbye,
  nodeSaidHello,
  type NodeEntry,
  type NodeTable,
  sessionClosed,
} from './node-table.ts';
import type { Pool } from './pool.ts';
import { monotonic } from './time.ts';
import { TIMING_PROFILES } from './timing.ts';

const timing = TIMING_PROFILES.Default;
const node = n('node-1');
const hello = (over: Partial<Hello> = {}): Hello => ({
  node,
  machineId: 'm',
  bootId: 'b',
  lease: lease('life-of-node-1'),
  leaseHeldMs: 0,
  labels: {},
  agentVersion: '1',
  electorate: electorateName(electorate(3)),
  witnessAddress: '',
  answersMulticast: false,
  ...over,
});
const beatOf = (entry: NodeEntry, over: Partial<Heartbeat> = {}): Heartbeat => ({
  sequence: 1,
  lease: entry.lease,
  leaseValid: true,
  highestTerm: undefined,
  electorate: 1,
  restsOn: 1,
  ...over,
});
const ended = (entry: NodeEntry): NodeEntry => only(endSilentLeases(table(entry), monotonic(1_110), timing).table);
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

  it('revokes for good: a late heartbeat does not revive the lease, a higher epoch of the same life is welcome', () => {
    const entry = ended(nodeEntry('node-1'));
    expect(nodeHeartbeat(table(entry), entry, beatOf(entry), monotonic(1_111))).toBeUndefined();
    const next = lease('life-of-node-1', 2);
    const after = only(nodeHeartbeat(table(entry), entry, beatOf(entry, { lease: next }), monotonic(1_112)));
    expect(after).toMatchObject({ lease: next, gone: 'no', lastHeard: 1_112, applied: undefined });
  });

  it('refuses a lower epoch and another life for as long as it knows a later one', () => {
    const entry = nodeEntry('node-1', { lease: lease('life-1', 3) });
    for (const old of [lease('life-1', 2), lease('life-2', 9)]) {
      expect(nodeHeartbeat(table(entry), entry, beatOf(entry, { lease: old }), monotonic(1))).toBeUndefined();
    }
  });

  it('remembers earlier lives as revoked, and never lets one of them in again', () => {
    const first = ended(nodeEntry('node-1', { lease: lease('life-1', 4) }));
    const second = only(nodeSaidHello(table(first), hello({ lease: lease('life-2') }), 2, monotonic(1_200)));
    expect(second.past).toEqual([lease('life-1', 4)]);
    const gone = only(endSilentLeases(table(second), monotonic(9_000), timing).table);
    expect(nodeSaidHello(table(gone), hello({ lease: lease('life-1', 5) }), 3, monotonic(9_001))).toBeUndefined();
    const third = only(nodeSaidHello(table(gone), hello({ lease: lease('life-3') }), 3, monotonic(9_001)));
    expect(third.past).toEqual([lease('life-1', 4), lease('life-2', 1)]);
  });

  it('notes who knocks with a refused lease, and changes nothing else', () => {
    const entry = ended(nodeEntry('node-1'));
    const knocked = only(nodeKnocked(table(entry), entry, beatOf(entry), monotonic(1_300)));
    expect(knocked).toMatchObject({ gone: 'lease-ended', knockedAt: 1_300, lastHeard: 0 });
    const stranger = nodeKnocked(table(entry), entry, beatOf(entry, { lease: lease('other') }), monotonic(1_400));
    expect(only(stranger).knockedAt).toBe(entry.knockedAt);
  });

  it('starts the count of stability again after a new epoch, a lease that was regained, a carrier lost or regained', () => {
    const entry = nodeEntry('node-1');
    const next = beatOf(entry, { lease: lease('life-of-node-1', 2) });
    expect(only(nodeHeartbeat(table(entry), entry, next, monotonic(9_000))).stableSince).toBe(9_000);
    const without = nodeEntry('node-1', { leaseValid: false });
    expect(only(nodeHeartbeat(table(without), without, beatOf(entry), monotonic(5))).stableSince).toBe(5);
    const down = healthReport({ interfaces: [link({ carrier: false })] });
    const unplugged = only(nodeHealth(table(entry), entry, down, monotonic(10)));
    expect(unplugged.stableSince).toBe(10);
    const up = only(
      nodeHealth(table(unplugged), unplugged, healthReport({ number: 2, interfaces: [link()] }), monotonic(20)),
    );
    expect(up.stableSince).toBe(20);
    expect(nodeHealth(table(up), up, down, monotonic(30))).toBeUndefined();
  });

  it('goes on with the count of stability where an interface flips that no pool of the node uses', () => {
    const pools = [pool({ interface: { kind: 'names', names: ['s0'] } })];
    const links = ['s0', 's9'].map((name) => link({ name }));
    const entry = nodeEntry('node-1', { interfaces: links });
    const without = (down: string): HealthReport =>
      healthReport({ interfaces: links.map((each) => ({ ...each, carrier: each.name !== down })) });
    const since = (down: string, known?: readonly Pool[]): number =>
      only(nodeHealth(table(entry), entry, without(down), monotonic(10), known)).stableSince;
    expect(since('s9', pools)).toBe(entry.stableSince);
    expect(since('s0', pools)).toBe(10);
    expect(since('s9')).toBe(10);
  });

  it('forgets that an interface reached nobody once no pool of the node uses it', () => {
    const links = [link(), link({ name: 's1', addresses: ['198.51.100.1/24'] })];
    const entry = nodeEntry('node-1', { interfaces: links, reach: [{ interface: 's0', state: 'Silent' }] });
    const reach = (uses: string): unknown =>
      only(
        nodeHealth(table(entry), entry, healthReport({ interfaces: links }), monotonic(10), [
          pool({ interface: { kind: 'names', names: [uses] } }),
        ]),
      ).reach;
    expect(reach('s0')).toEqual(entry.reach);
    expect(reach('s1')).toEqual([]);
  });

  it('counts the health reports of a new session from the start', () => {
    const entry = nodeEntry('node-1', { healthNumber: 7 });
    const again = only(nodeSaidHello(table(entry), hello(), 2, monotonic(5)));
    expect(again.healthNumber).toBe(0);
    expect(only(nodeSaidHello(table(entry), hello(), 1, monotonic(5))).healthNumber).toBe(7);
  });

  it('takes a report of a newer epoch as news of that epoch, of an older one not at all', () => {
    const entry = nodeEntry('node-1', { lease: lease('life-1', 2) });
    const empty = applied('node-1');
    const newer = only(nodeApplied(table(entry), entry, { ...empty, lease: lease('life-1', 3) }, monotonic(7)));
    expect(newer).toMatchObject({ lease: { epoch: 3 }, leaseValid: false, lastHeard: 7, gone: 'no' });
    expect(nodeApplied(table(entry), entry, { ...empty, lease: lease('life-1', 1) }, monotonic(7))).toBeUndefined();
  });

  it.each([
    ['an older version', term(2), 3],
    ['an older term', term(1), 9],
    ['no assignment at all', undefined, 0],
  ])('keeps what the node told last where a report of %s comes after it', (_, older, version) => {
    const entry = nodeEntry('node-1', { applied: applied('node-1', { term: term(2), version: 4 }) });
    const late = applied('node-1', { term: older, version, held: [held(v('192.0.2.1'))] });
    expect(nodeApplied(table(entry), entry, late, monotonic(7))).toBeUndefined();
  });

  it('takes in what has changed since under the same version', () => {
    const entry = nodeEntry('node-1', { applied: applied('node-1', { term: term(2), version: 4 }) });
    const same = applied('node-1', { term: term(2), version: 4, held: [held(v('192.0.2.1'))] });
    expect(only(nodeApplied(table(entry), entry, same, monotonic(7))).applied).toBe(same);
  });

  it('counts a node that said goodbye as gone, one whose stream closed not', () => {
    const entry = nodeEntry('node-1', { session: 4 });
    expect(only(nodeSaidGoodbye(table(entry), entry)).gone).toBe('said-goodbye');
    const closed = only(sessionClosed(table(entry), 4, monotonic(9)));
    expect([closed.gone, closed.session, isReady(closed)]).toEqual(['no', undefined, false]);
    expect(sessionClosed(table(entry), 5, monotonic(9))).toBeUndefined();
  });
});

it.each([
  ['its stream ended soon after its last word', { session: undefined, closedAt: monotonic(799) }, true],
  ['its stream was given up long after it', { session: undefined, closedAt: monotonic(1_000) }, false],
  ['its stream is open', { session: 4, closedAt: undefined }, false],
  ['it never had one here', { session: undefined, closedAt: undefined }, false],
])('an agent hung up itself where %s: %s', (_, over, expected) => {
  expect(hungUp(nodeEntry('node-1', { lastHeard: monotonic(0), ...over }))).toBe(expected);
});

describe('a revocation that was a false alarm', () => {
  const revoked = ended(
    nodeEntry('node-1', { applied: applied('node-1', { version: 3, held: [held(v('192.0.2.1'))] }) }),
  );
  const order = { node, lease: revoked.lease, number: 1 };

  it('is taken back by the master: the lease counts anew, with the last report and the count of stability', () => {
    const back = only(nodeRestored(table(revoked), order, term(5), monotonic(2_000)));
    expect(back).toMatchObject({ gone: 'no', lastHeard: 2_000, restored: { term: term(5), number: 1 } });
    expect(back.applied).toEqual(revoked.applied);
    expect(back.stableSince).toBe(revoked.stableSince);
    expect(nodeHeartbeat(table(back), back, beatOf(back), monotonic(2_001))).toBeDefined();
    expect(nextLeaseEnd(table(back), timing)).toBe(3_110);
  });

  it('is taken back once per number: a repetition that comes after the next revocation has no effect', () => {
    const back = only(nodeRestored(table(revoked), order, term(5), monotonic(2_000)));
    const again = only(endSilentLeases(table(back), monotonic(4_000), timing).table);
    expect(nodeRestored(table(again), order, term(5), monotonic(4_001))).toBeUndefined();
    expect(nodeRestored(table(again), { ...order, number: 2 }, term(5), monotonic(4_001))).toBeDefined();
    expect(nodeRestored(table(again), order, term(6, 'c2'), monotonic(4_001))).toBeDefined();
  });

  it.each([
    ['another epoch is meant', { lease: lease('life-of-node-1', 2) }],
    ['another life is meant', { lease: lease('other') }],
    ['another node is meant', { node: n('node-2') }],
  ])('stays when %s', (_, over) => {
    expect(nodeRestored(table(revoked), { ...order, ...over }, term(5), monotonic(2_000))).toBeUndefined();
  });

  it('is none for a lease that was not revoked', () => {
    expect(nodeRestored(table({ ...revoked, gone: 'no' }), order, term(5), monotonic(2_000))).toBeUndefined();
  });

  it('is none for a node that left since: only its number is noted, once', () => {
    const left = { ...revoked, gone: 'said-goodbye' } as const;
    const noted = only(nodeRestored(table(left), order, term(5), monotonic(2_000)));
    expect(noted).toEqual({ ...left, restored: { term: term(5), number: 1 } });
    expect(nodeRestored(table(noted), order, term(5), monotonic(2_001))).toBeUndefined();
  });
});

describe('a lease that nobody may acknowledge any more', () => {
  const spent = { node, lease: lease('life-of-node-1', 2) };

  it('is refused here as well, where nothing was known of it', () => {
    const told = leaseSpent(new Map(), spent);
    expect(only(told)).toMatchObject({ lease: spent.lease, gone: 'lease-ended' });
    const back = nodeSaidHello(told, hello({ lease: spent.lease }), 1, monotonic(1));
    expect(only(back).gone).toBe('lease-ended');
    expect(nodeHeartbeat(back ?? told, only(back), beatOf(only(back)), monotonic(2))).toBeUndefined();
    expect(only(nodeSaidHello(told, hello({ lease: lease('life-of-node-1', 3) }), 1, monotonic(1))).gone).toBe('no');
  });

  it('is refused where only an earlier epoch had ended here', () => {
    const before = nodeEntry('node-1', { lease: lease('life-of-node-1', 1), gone: 'lease-ended' });
    expect(only(leaseSpent(table(before), spent))).toMatchObject({ lease: spent.lease, gone: 'lease-ended' });
  });

  it('changes nothing where the node is acknowledged, or has had a later epoch or another life', () => {
    const acknowledged = table(nodeEntry('node-1', { lease: lease('life-of-node-1', 1) }));
    const later = table(nodeEntry('node-1', { lease: lease('life-of-node-1', 3), gone: 'lease-ended' }));
    const another = table(nodeEntry('node-1', { lease: lease('another-life'), gone: 'lease-ended' }));
    for (const known of [acknowledged, later, another]) expect(leaseSpent(known, spent)).toBe(known);
  });
});
