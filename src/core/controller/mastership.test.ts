import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { electorate, lease, n } from '../../testing/core-builders.ts';
import { electorateName } from '../electorate.ts';
import type { PeerMessage } from '../peer-messages.ts';
import { abstentionMs, promiseMs, TIMING_PROFILES } from '../timing.ts';

const timing = TIMING_PROFILES.Default;
/** Two rounds of questions, and a beat, over links of a millisecond. */
const ELECTION_MS = 10;
const BEFORE_ANY_VOTE = abstentionMs(timing);
/** Longest time from the last beat of a lost master to the next one that may act. */
const FAST_PATH_MS = promiseMs(timing) + ELECTION_MS;

/** Three controllers of which c1 has become master. */
const settled = (): Controllers => new Controllers(3).startAll().run(3_000);
const lastChange = (c: Controllers): { at: number; id: string; kind: string } => {
  const change = c.changes.at(-1);
  if (!change) throw new Error('nobody was ever elected');
  return change;
};
/** Runs until somebody may act, for so long at most; how long it took. */
function untilElected(c: Controllers, withinMs: number): { id: string; tookMs: number } {
  const from = c.now;
  while (c.now - from < withinMs && c.masters().length === 0) c.run(1);
  return { id: c.masters()[0] ?? 'nobody', tookMs: c.now - from };
}
const hello = (node: string) =>
  ({
    kind: 'hello',
    node: n(node),
    machineId: 'm',
    bootId: 'b',
    lease: lease(),
    leaseHeldMs: 0,
    labels: {},
    agentVersion: '1',
    electorate: electorateName(electorate(3)),
    witnessAddress: '',
    answersMulticast: false,
  }) as const;

describe('A1 the first election', () => {
  it('is won by the holder of the lock, as soon as nobody can have forgotten a vote', () => {
    const c = new Controllers(3).startAll().run(BEFORE_ANY_VOTE);
    expect(c.masters()).toEqual([]);
    expect(untilElected(c, 100)).toEqual({ id: 'c1', tookMs: expect.any(Number) });
    expect(c.now).toBeLessThanOrEqual(BEFORE_ANY_VOTE + ELECTION_MS);
    expect(c.run(100).store.master).toMatchObject({ number: 1, instance: { id: 'c1' } });
  });

  it('needs a majority: one of three that run elects nobody, two elect one', () => {
    const c = new Controllers(3);
    c.start('c3');
    expect(c.run(10_000).masters()).toEqual([]);
    c.start('c2');
    expect(c.run(5_000).masters()).toHaveLength(1);
  });

  it('A11 A4 is won by the larger address while the store is away', () => {
    const c = new Controllers(3);
    c.startAll().run(10);
    c.storeAway = true;
    expect(untilElected(c, 3_000).id).toBe('c3');
  });

  it('B8 is won by the higher priority before the address, while the store is away', () => {
    const c = new Controllers(3, { c1: { priority: 1 } });
    c.startAll().run(10);
    c.storeAway = true;
    expect(untilElected(c, 3_000).id).toBe('c1');
  });
});

describe('A2 A3 a master that goes silent', () => {
  it('is replaced when the promises to it have run out, and the lock follows', () => {
    const c = settled();
    c.crash('c1');
    const { id, tookMs } = untilElected(c, 5_000);
    expect(id).toBe('c3');
    expect(tookMs).toBeLessThanOrEqual(FAST_PATH_MS);
    c.run(100);
    expect(c.store.master).toMatchObject({ number: 2, instance: { id: 'c3' } });
    expect(c.store.queue()[0]?.id).toBe('c3');
  });

  it('A11 is replaced as fast while the store is away', () => {
    const c = settled();
    c.storeAway = true;
    c.run(10_000);
    expect(c.masters()).toEqual(['c1']);
    c.crash('c1');
    expect(untilElected(c, 5_000).tookMs).toBeLessThanOrEqual(FAST_PATH_MS);
  });

  it('is replaced by a follower that wakes by itself: nobody has to speak to it', () => {
    const c = settled();
    c.crash('c1');
    c.loses = () => true;
    c.run(FAST_PATH_MS);
    expect(c.state('c3').candidacy.stage).toBe('pre-vote');
  });

  it('acts no more before anybody else does: cut off, frozen, and when it wakes up', () => {
    for (const fail of ['cut', 'freeze'] as const) {
      const c = settled();
      c[fail]('c1');
      const { id } = untilElected(c.run(timing.leaderLeaseMs), 5_000);
      expect(id).toBe('c3');
      c.heal();
      if (fail === 'freeze') c.thaw('c1');
      c.run(3_000);
      expect(c.masters()).toEqual(['c3']);
      expect(c.changes.map(({ id: who, kind }) => `${who} ${kind}`)).toContain('c1 deposed');
    }
  });

  it('stops at the end of what a majority has acknowledged, not a moment later', () => {
    const c = settled();
    const until = c.state('c1').reign?.authorityUntil ?? Number.NaN;
    c.cut('c1');
    c.run(until - c.now - 0.5);
    expect(c.masters()).toEqual(['c1']);
    c.run(0.5);
    expect(c.masters()).toEqual([]);
  });

  it('does not come back in the same term when the answers arrive after all', () => {
    const c = settled();
    const late: PeerMessage[] = [];
    c.loses = (_, to, message) => to === 'c1' && message.kind === 'beat-answer' && late.push(message) > 0;
    const { term } = c.state('c1').reign ?? {};
    while (c.masters().length > 0) c.run(1);
    expect(lastChange(c)).toMatchObject({ id: 'c1', kind: 'deposed', term });
    expect(late.length).toBeGreaterThan(3);
    for (const message of late) c.peerSays('c1', 'c2', message);
    expect(c.masters()).toEqual([]);
    c.loses = () => false;
    c.run(3_000);
    expect(lastChange(c)).toMatchObject({ kind: 'elected', term: { number: 2 } });
  });
});

describe('A4 A5 candidates', () => {
  it('that stand at the same moment: the larger one wins, in one round', () => {
    const c = settled();
    c.crash('c1');
    let requests = 0;
    c.loses = (from, _, message) => {
      if (message.kind === 'vote-request' && message.preVote && from === 'c2') requests++;
      return false;
    };
    expect(untilElected(c, 5_000).id).toBe('c3');
    expect(requests).toBeGreaterThan(0);
    expect(c.run(2_000).changes.filter(({ kind }) => kind === 'elected')).toHaveLength(2);
  });

  it('that cannot win leave it to others: after failures the one that hears the votes becomes master', () => {
    const c = settled();
    c.crash('c1');
    c.loses = (_, to, message) => to === 'c3' && message.kind === 'vote-answer';
    expect(untilElected(c, 5_000).id).toBe('c2');
    expect(c.state('c3').ballot.promise?.term.instance.id).toBe('c2');
  });

  it('that are cut off raise no term: whoever comes back finds its master as it was', () => {
    const c = settled();
    c.cut('c3');
    c.run(10_000);
    expect(c.state('c3').ballot.highestTerm?.number).toBe(1);
    c.heal();
    c.run(2_000);
    expect(c.masters()).toEqual(['c1']);
    expect(c.changes).toHaveLength(1);
  });

  it('are settled by the lock, whoever else could win: its holder goes first after two failures', () => {
    const c = settled();
    c.crash('c1');
    c.loses = (_, __, message) => message.kind === 'vote-answer' && !message.preVote;
    // The lock of the lost master ends meanwhile, and c2 is the next one in the queue.
    c.run(8_000);
    for (const id of ['c2', 'c3']) expect(c.state(id).candidacy.failures).toBeGreaterThanOrEqual(2);
    expect(c.store.queue()[0]?.id).toBe('c2');
    c.loses = () => false;
    expect(untilElected(c, 3_000).id).toBe('c2');
  });
});

describe('B4 a master that hands over', () => {
  it.each(['resign', 'stop'] as const)('by %s leaves no gap but one round: its successor stands at once', (how) => {
    const c = settled();
    c[how]('c1');
    expect(c.masters()).toEqual([]);
    const { id, tookMs } = untilElected(c, 1_000);
    expect(['c2', 'c3']).toContain(id);
    expect(tookMs).toBeLessThanOrEqual(ELECTION_MS);
    expect(c.run(3_000).masters()).toEqual([id]);
  });

  it('names the successor that acknowledged last, and the others let it go first', () => {
    const c = settled();
    c.cut('c3', 'c1');
    c.run(150);
    c.resign('c1');
    expect(untilElected(c, 1_000).id).toBe('c2');
  });

  it('to nobody stays out of office when it is stopped, and its peers elect another', () => {
    const c = settled();
    c.stop('c1');
    c.run(10_000);
    expect(c.masters()).not.toContain('c1');
    expect(c.store.queue().map(({ id }) => id)).not.toContain('c1');
  });
});

describe('A6 a higher term', () => {
  it('that an agent tells of ends the reign, and the next one stands above it', () => {
    const c = settled();
    c.agentSays('c1', 1, hello('node-1'));
    const beat = {
      kind: 'heartbeat',
      sequence: 1,
      lease: lease(),
      leaseValid: false,
      electorate: 1,
      restsOn: 1,
    } as const;
    const term = { number: 9, instance: { ...c.config('c2').self, nonce: 'earlier' } };
    c.agentSays('c1', 1, { ...beat, highestTerm: term });
    expect(lastChange(c)).toMatchObject({ id: 'c1', kind: 'deposed', reason: 'a higher term appeared' });
    c.run(3_000);
    expect(c.masters()).toHaveLength(1);
    expect(c.state(c.masters()[0] ?? '').reign?.term.number).toBe(10);
  });

  it('of the store alone moves no master that a majority supports', () => {
    const c = settled();
    c.storeAway = true;
    c.run(10_000);
    c.storeAway = false;
    c.run(5_000);
    expect(c.masters()).toEqual(['c1']);
    expect(c.changes).toHaveLength(1);
    expect(c.store.queue()[0]?.id).toBe('c1');
  });
});

describe('a controller that starts anew', () => {
  it('without memory neither votes nor follows: the others wait for it', () => {
    const c = settled();
    c.crash('c1');
    c.crash('c2');
    c.start('c2');
    const { tookMs } = untilElected(c, 5_000);
    expect(tookMs).toBeGreaterThanOrEqual(BEFORE_ANY_VOTE);
    expect(tookMs).toBeLessThanOrEqual(BEFORE_ANY_VOTE + timing.leaderLeaseMs);
  });

  it('with its memory keeps its promise, and votes as if it had never been away', () => {
    const c = settled();
    c.crash('c2');
    c.start('c2', true);
    expect(c.state('c2').ballot.promise?.term.number).toBe(1);
    c.crash('c1');
    expect(untilElected(c, 5_000).tookMs).toBeLessThanOrEqual(FAST_PATH_MS);
  });

  it('has lost its reign, memory or not', () => {
    for (const keep of [true, false]) {
      const c = settled();
      c.crash('c1');
      c.start('c1', keep);
      expect(c.masters()).toEqual([]);
      c.run(5_000);
      expect(c.masters()).toHaveLength(1);
      expect(lastChange(c)).toMatchObject({ kind: 'elected', term: { number: 2 } });
    }
  });

  it('all of them at once, without memory: nobody acts before every old promise and lease is over', () => {
    const c = settled();
    for (const id of c.ids) c.crash(id);
    c.startAll();
    const { tookMs } = untilElected(c, 10_000);
    expect(tookMs).toBeGreaterThanOrEqual(BEFORE_ANY_VOTE);
  });
});

describe('A7 whatever fails among five', () => {
  it('two of them leave a majority that elects', () => {
    const c = new Controllers(5).startAll().run(3_000);
    c.crash('c1');
    c.crash('c5');
    expect(untilElected(c, 5_000)).toEqual({ id: 'c4', tookMs: expect.any(Number) });
    c.crash('c4');
    c.run(10_000);
    expect(c.masters()).toEqual([]);
  });
});
