import { describe, expect, it } from '@jest/globals';
import { applied, held, lease, n, nodeEntry, term, v } from '../testing/core-builders.ts';
import { controllerId } from './ids.ts';
import {
  countsAsRevoked,
  isRefusedByMost,
  judge,
  noVerdicts,
  type PeerTable,
  reported,
  restoreKey,
  type Verdicts,
} from './lease-verdicts.ts';
import type { LeaseName } from './messages.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
import type { KnownLease } from './peer-messages.ts';
import { monotonic } from './time.ts';
import { abstentionMs, TIMING_PROFILES } from './timing.ts';

const A = abstentionMs(TIMING_PROFILES.Default);
const NOW = 10_000;
const at = monotonic;
const node = n('node-1');
const REIGN = term(5);
const L1 = lease('life-of-node-1');
const [c2, c3] = [controllerId('c2'), controllerId('c3')];

const known = (over: Partial<KnownLease> = {}): KnownLease => ({
  node,
  lease: L1,
  revoked: true,
  restored: 0,
  knocking: false,
  holds: [],
  ...over,
});
const tableOf = (leases: readonly KnownLease[], freshUntil = NOW + 100, now = NOW - 500): PeerTable => {
  const table = reported(undefined, 'name', leases, at(freshUntil), at(now));
  if (!table) throw new Error('a table with leases is always taken in');
  return table;
};
const peers = (two?: PeerTable, three?: PeerTable): Verdicts['peers'] =>
  new Map([...(two ? [[c2, two] as const] : []), ...(three ? [[c3, three] as const] : [])]);
const verdicts = (over: Partial<Verdicts> = {}): Verdicts => ({ ...noVerdicts([], at(NOW - 500)), ...over });
const own = (...entries: NodeEntry[]): NodeTable => new Map(entries.map((entry) => [entry.node, entry]));
const revokedHere = nodeEntry('node-1', { gone: 'lease-ended' });

const judged = (table: NodeTable, given: Verdicts, now = NOW): NodeEntry & { again: Verdicts } => {
  const result = judge(table, given, [c2, c3], 2, REIGN, A, at(now));
  const entry = result.nodes.get(node);
  if (!entry) throw new Error('the node is unknown');
  return { ...entry, again: result.verdicts };
};

describe('D1 a lease is over', () => {
  it('when two of three controllers have revoked it at the same time', () => {
    expect(judged(own(revokedHere), verdicts({ peers: peers(tableOf([known()])) })).gone).toBe('lease-ended');
    expect(
      judged(own(nodeEntry('node-1')), verdicts({ peers: peers(tableOf([known()]), tableOf([known()])) })).gone,
    ).toBe('lease-ended');
  });

  it.each([
    ['one controller alone', revokedHere, undefined],
    ['one controller, and another that still acknowledges it', revokedHere, tableOf([known({ revoked: false })])],
    ['one controller, and another that never heard of the node', revokedHere, tableOf([])],
    ['another controller alone', nodeEntry('node-1'), tableOf([known()])],
  ])('not by the word of %s', (_, entry, table) => {
    expect(judged(own(entry), verdicts({ peers: peers(table) })).gone).toBe('no');
  });

  it('not by a report that is older than the time for which its sender would abstain', () => {
    const stale = verdicts({ peers: peers(tableOf([known()], NOW)) });
    expect(judged(own(revokedHere), stale, NOW - 1).gone).toBe('lease-ended');
    expect(judged(own(revokedHere), stale, NOW).gone).toBe('no');
  });

  it('not by two reports of which one has grown old before the other came', () => {
    const given = verdicts({ peers: peers(tableOf([known()], NOW - 10), tableOf([known()])) });
    expect(judged(own(nodeEntry('node-1')), given).gone).toBe('no');
  });

  it('for good: reports that grow old do not bring it back', () => {
    const { again } = judged(own(revokedHere), verdicts({ peers: peers(tableOf([known()])) }));
    expect(judged(own(revokedHere), { ...again, peers: new Map() }).gone).toBe('lease-ended');
  });

  it('when the node has told us of a later epoch of that life, whatever others still say of the former one', () => {
    const later = nodeEntry('node-1', { lease: lease('life-of-node-1', 2), gone: 'lease-ended' });
    const given = noVerdicts([known({ lease: later.lease }), known()], at(NOW - 500));
    const late = peers(undefined, tableOf([known({ revoked: false })], NOW - 100));
    expect(judged(own(later), { ...given, peers: late }).gone).toBe('lease-ended');
  });

  it('when the node itself said goodbye', () => {
    expect(judged(own(nodeEntry('node-1', { gone: 'said-goodbye' })), verdicts()).gone).toBe('said-goodbye');
  });
});

describe('a report counts as a revocation of', () => {
  const counts = (list: readonly KnownLease[], of: LeaseName, over: Partial<Verdicts> = {}): boolean =>
    countsAsRevoked(verdicts({ peers: peers(tableOf(list)), ...over }), c2, node, of, at(NOW));

  it('the very epoch that it names', () => {
    expect(counts([known()], L1)).toBe(true);
    expect(counts([known({ revoked: false })], L1)).toBe(false);
  });

  it('every lower epoch of that life, revoked or not: the node has ended them itself', () => {
    expect(counts([known({ lease: lease('life-of-node-1', 3), revoked: false })], L1)).toBe(true);
  });

  it('no higher epoch than it knows', () => {
    expect(counts([known()], lease('life-of-node-1', 2))).toBe(false);
  });

  it('no other life', () => {
    expect(counts([known()], lease('life-2'))).toBe(false);
    expect(counts([known({ lease: lease('life-2', 9), revoked: false })], L1)).toBe(false);
  });

  it('every life that another one has followed there', () => {
    expect(counts([known(), known({ lease: lease('life-2'), revoked: false })], lease('life-of-node-1', 7))).toBe(true);
  });

  it('nothing, where the report came from another controller', () => {
    expect(countsAsRevoked(verdicts({ peers: peers(tableOf([known()])) }), c3, node, L1, at(NOW))).toBe(false);
  });
});

describe('a lease is refused by most', () => {
  const refused = (entry: NodeEntry | undefined, two?: PeerTable): boolean =>
    isRefusedByMost(entry, verdicts({ peers: peers(two) }), [c2, c3], 2, { node, lease: L1 }, at(NOW));
  const another = { lease: lease('another life') };

  it('where a majority has revoked it', () => {
    expect(refused(revokedHere, tableOf([known()]))).toBe(true);
    expect(refused(nodeEntry('node-1'), tableOf([known()]))).toBe(false);
  });

  it('not where some of them have never heard of it', () => {
    expect(refused(revokedHere, tableOf([]))).toBe(false);
    expect(refused(undefined, tableOf([known()]))).toBe(false);
    expect(refused(revokedHere)).toBe(false);
    expect(refused(revokedHere, tableOf([known()], NOW))).toBe(false);
  });

  it('where they know of another life of the node: they can be told nothing of this one', () => {
    expect(refused(revokedHere, tableOf([known({ ...another, revoked: false })]))).toBe(true);
    expect(refused(nodeEntry('node-1', another), tableOf([known()]))).toBe(true);
  });
});

describe('a revocation that the master took back', () => {
  const restores = (number: number, of = L1): Verdicts['restores'] =>
    new Map([[restoreKey(c2, node), { node, lease: of, number }]]);
  const counts = (restored: number, given: Verdicts['restores']): boolean => {
    const table = tableOf([known({ restored })]);
    return countsAsRevoked(verdicts({ peers: peers(table), restores: given }), c2, node, L1, at(NOW));
  };

  it('does not count from the instant of the decision, whatever the controller still reports', () => {
    expect(counts(0, restores(1))).toBe(false);
    expect(counts(1, restores(2))).toBe(false);
  });

  it('counts again in a report that names the number: the lease was revoked once more since', () => {
    expect(counts(1, restores(1))).toBe(true);
  });

  it('is none for a life that another one has followed there: the order can have no effect', () => {
    const followed = [known(), known({ lease: lease('life-2'), revoked: false })];
    const since = NOW - A;
    const two = tableOf(followed, NOW + 100, since);
    const given = { ...noVerdicts([known({ revoked: false })], at(since)), peers: peers(two), restores: restores(1) };
    const [first] = judge(own(), given, [c2, c3], 2, REIGN, A, at(NOW)).nodes.values();
    expect(first?.lease).toEqual(lease('life-2'));
  });

  it('says nothing about another epoch, or another controller', () => {
    expect(counts(0, restores(1, lease('life-of-node-1', 2)))).toBe(true);
    expect(counts(0, new Map([[restoreKey(c3, node), { node, lease: L1, number: 1 }]]))).toBe(true);
  });
});

describe('a node whose lease is over at a majority and that lives on', () => {
  it('with a higher epoch, is up, and nothing of the old one is left', () => {
    const next = lease('life-of-node-1', 2);
    const table = own(nodeEntry('node-1', { lease: next, applied: applied('node-1', { lease: next }) }));
    const result = judged(table, verdicts({ peers: peers(tableOf([known()]), tableOf([known()])) }));
    expect(result).toMatchObject({ gone: 'no', lease: next, session: 1 });
  });

  it('as another life while the old one may be valid elsewhere, may hold anything', () => {
    const second = nodeEntry('node-1', { lease: lease('life-2'), past: [L1] });
    const result = judged(own(second), verdicts({ peers: peers(tableOf([known({ revoked: false })])) }));
    expect(result).toMatchObject({ gone: 'no', session: undefined, applied: undefined, leaseValid: false });
  });

  it('as another life is told apart from the old one, which is over', () => {
    const second = nodeEntry('node-1', { lease: lease('life-2'), past: [L1] });
    const result = judged(own(second), verdicts({ peers: peers(tableOf([known()])) }));
    expect(result).toMatchObject({ gone: 'no', lease: lease('life-2'), session: 1, applied: { held: [] } });
  });
});

describe('what a new master inherits from its voters', () => {
  const inherited = [known({ revoked: false })];

  it('a node that it never heard itself may hold anything until it is settled', () => {
    const result = judged(own(), verdicts({ inherited }));
    expect(result).toMatchObject({ gone: 'no', lease: L1, session: undefined, applied: undefined });
  });

  it('a node that only others hear, since after the votes, was given nothing: it blocks nobody', () => {
    const others = verdicts({ peers: peers(tableOf([known({ revoked: false })])) });
    expect(judged(own(), others)).toMatchObject({ gone: 'no', highestTerm: REIGN, applied: { held: [] } });
  });

  it('a life that a voter knew counts beside the one that is heard here', () => {
    const second = nodeEntry('node-1', {
      lease: lease('life-2'),
      applied: applied('node-1', { held: [held(v('192.0.2.1'))] }),
    });
    expect(judged(own(second), verdicts({ inherited })).applied).toBeUndefined();
    const over = verdicts({ inherited, peers: peers(tableOf([known()]), tableOf([known()])) });
    expect(judged(own(second), over).applied?.held).toHaveLength(1);
  });

  it('what every voter had revoked is over', () => {
    expect(judged(own(), verdicts({ inherited: [known()] })).gone).toBe('lease-ended');
  });
});

describe('a lease that a majority knows nothing of, since its members started anew', () => {
  const inherited = [known({ revoked: false })];
  const quiet = (since: number, table: PeerTable | undefined): string =>
    judged(own(), { ...verdicts({ inherited, peers: peers(table) }), since: at(since) }).gone;
  const since = NOW - A;

  it('is over when a majority has not acknowledged it for as long as a forgetful controller abstains', () => {
    expect(quiet(since, tableOf([], NOW + 100, since))).toBe('lease-ended');
  });

  it('is not over before, counted from the votes and from the first report', () => {
    expect(quiet(since + 1, tableOf([], NOW + 100, since))).toBe('no');
    expect(quiet(since, tableOf([], NOW + 100, since + 1))).toBe('no');
  });

  it('is not over while another controller acknowledges it, does not report, or reports no longer', () => {
    expect(quiet(since, tableOf(inherited, NOW + 100, since))).toBe('no');
    expect(quiet(since, undefined)).toBe('no');
    expect(quiet(since, tableOf([], NOW, since))).toBe('no');
  });

  it('counts anew from the report in which the lease is missing for the first time', () => {
    const first = tableOf(inherited, NOW - 10, since);
    const later = reported(first, 'other', [], at(NOW + 100), at(NOW - 500));
    expect(quiet(since, later)).toBe('no');
  });
});

describe('a lease of which a majority knows no more than an earlier epoch, since its node died soon', () => {
  const next = { ...L1, epoch: 2 as typeof L1.epoch };
  const since = NOW - A;
  const gone = (here: NodeEntry, there: PeerTable): string =>
    judged(own(here), {
      ...verdicts({ inherited: [known({ lease: next, revoked: false })], peers: peers(there) }),
      since: at(since),
    }).gone;

  it('is over when they have revoked that one, and have not acknowledged this one for A', () => {
    expect(gone(revokedHere, tableOf([known()], NOW + 100, since))).toBe('lease-ended');
  });

  it('is not over while one of them may acknowledge that life, or has done so within A', () => {
    expect(gone(nodeEntry('node-1'), tableOf([known()], NOW + 100, since))).toBe('no');
    expect(gone(revokedHere, tableOf([known({ revoked: false })], NOW + 100, since))).toBe('no');
    expect(gone(revokedHere, tableOf([known()], NOW + 100, since + 1))).toBe('no');
  });
});

describe('a lease that we have revoked, and of which others know nothing', () => {
  const LAST = NOW - 2_000;
  const entry = nodeEntry('node-1', { gone: 'lease-ended', lastHeard: at(LAST) });
  /** Asked at that instant for the last time, and without a gap since the other one. */
  const silent = (askedAt: number, since: number): PeerTable => tableOf([], askedAt + A, since);
  const gone = (over: Partial<Verdicts>, of = entry): string => judged(own(of), verdicts(over)).gone;

  it('is over when another one, asked after our last acknowledgement could count, does not acknowledge it either', () => {
    expect(gone({ peers: peers(silent(LAST + A, LAST)) })).toBe('lease-ended');
    expect(gone({ peers: peers(silent(LAST + A - 1, LAST)) })).toBe('no');
  });

  it('is not over by an answer to a question that is older than the first report', () => {
    expect(gone({ peers: peers(silent(LAST + A, LAST + A + 1)) })).toBe('no');
  });

  it('is not over while one that revoked it may have been told to take that back', () => {
    const restores = new Map([[restoreKey(c2, node), { node, lease: L1, number: 1 }]]);
    expect(gone({ peers: peers(tableOf([known()], LAST + 2 * A, LAST)), restores })).toBe('no');
  });

  it('was over before the votes, where no voter acknowledged it any more', () => {
    const inherited = [known()];
    expect(gone(noVerdicts(inherited, at(NOW)))).toBe('lease-ended');
    expect(gone(noVerdicts([...inherited, known({ revoked: false })], at(NOW)))).toBe('no');
    const restored = { ...entry, restored: { term: REIGN, number: 1 } };
    expect(gone(noVerdicts(inherited, at(NOW)), restored)).toBe('no');
  });

  it('is looked at again soon, as long as time alone may end it', () => {
    const look = (over: Partial<Verdicts>): boolean =>
      judge(own(entry), verdicts(over), [c2, c3], 2, REIGN, A, at(NOW)).undecided;
    expect(look({ peers: peers(silent(LAST + A - 1, LAST)) })).toBe(true);
    expect(look({ peers: peers(silent(LAST + A, LAST)) })).toBe(false);
    expect(look({ peers: peers(tableOf([known({ revoked: false })])) })).toBe(false);
  });

  it('needs both others of five, at one instant: a lease may wander from one majority to the next', () => {
    const five = [c2, c3, controllerId('c4'), controllerId('c5')];
    const judgedOf = (two: PeerTable, three: PeerTable): string | undefined =>
      judge(own(entry), verdicts({ peers: peers(two, three) }), five, 3, REIGN, A, at(NOW)).nodes.get(node)?.gone;
    expect(judgedOf(silent(LAST + A, LAST), silent(LAST + A + 5, LAST))).toBe('lease-ended');
    expect(judgedOf(silent(LAST + A, LAST), silent(LAST + A + 50, LAST + A + 1))).toBe('no');
  });
});

describe('a report without leases', () => {
  const first = tableOf([known()], 1_000, 0);

  it('prolongs the table that it names, and no other', () => {
    expect(reported(first, 'name', undefined, at(1_200), at(500))).toEqual({ ...first, freshUntil: 1_200 });
    expect(reported(first, 'other', undefined, at(1_200), at(500))).toBeUndefined();
    expect(reported(undefined, 'name', undefined, at(1_200), at(500))).toBeUndefined();
  });

  it('after a gap begins anew: nobody knows what was forgotten in between', () => {
    expect(reported(first, 'name', undefined, at(2_500), at(1_500))?.since).toBe(1_500);
  });
});
