import { describe, expect, it } from '@jest/globals';
import { instance, term } from '../testing/core-builders.ts';
import {
  electionWakeAt,
  type ElectionConfig,
  type ElectionState,
  initialElection,
  mayAct,
  stepElection,
} from './election.ts';
import type { ElectionEffect, ElectionEvent, LeaseId, QueueEntry } from './election-types.ts';
import { controllerId } from './ids.ts';
import type { Term } from './term.ts';
import { monotonic } from './time.ts';

const config: ElectionConfig = {
  self: instance('c1'),
  ttlMs: 3_000,
  marginMs: 500,
  pollMs: 500,
  byVotes: false,
};
const lease = 'lease-1' as LeaseId;
const entry = (id: string, revision: string): QueueEntry => ({ id: controllerId(id), revision });

/** One controller whose store answers are fed by hand. */
class Candidate {
  state: ElectionState = initialElection;
  effects: ElectionEffect[] = [];
  readonly config: ElectionConfig;

  constructor(over: Partial<ElectionConfig> = {}) {
    this.config = { ...config, ...over };
  }

  at(now: number, ...events: readonly ElectionEvent[]): this {
    this.effects = [];
    for (const event of events) {
      const [state, effects] = stepElection(this.state, event, monotonic(now), this.config);
      this.state = state;
      this.effects.push(...effects);
    }
    return this;
  }

  kinds(): string[] {
    return this.effects.map((effect) => effect.kind);
  }

  acts(now: number): boolean {
    return mayAct(this.state, monotonic(now));
  }
}

const view = (queue: readonly QueueEntry[], master?: Term): ElectionEvent => ({ kind: 'viewed', queue, master });

/** In the queue at 20. */
function queued(over: Partial<ElectionConfig> = {}): Candidate {
  const candidate = new Candidate(over);
  candidate.at(0, { kind: 'tick' });
  candidate.at(10, { kind: 'granted', lease, sentAt: monotonic(0) });
  return candidate.at(20, { kind: 'enqueued', accepted: true });
}

/** Granted at 0, in the queue, first, and elected at 30 with term 1. */
function leader(): Candidate {
  const candidate = queued();
  candidate.at(25, view([entry('c1', '5')]));
  candidate.at(30, { kind: 'claimed', won: true, term: term(1) });
  return candidate;
}

describe('A1 the smallest revision holds the lock', () => {
  it('goes through grant, enqueue, read and claim', () => {
    const candidate = new Candidate();
    expect(candidate.at(0, { kind: 'tick' }).effects).toEqual([{ kind: 'grant', ttlMs: 3_000 }]);
    const joined = candidate.at(10, { kind: 'granted', lease, sentAt: monotonic(0) });
    expect(joined.effects).toEqual([{ kind: 'enqueue', lease, id: 'c1' }]);
    expect(candidate.at(20, { kind: 'enqueued', accepted: true }).kinds()).toEqual(['read']);
    expect(candidate.at(25, view([entry('c1', '5'), entry('c2', '6')])).effects).toEqual([
      { kind: 'claim', entry: entry('c1', '5'), term: term(1), previous: undefined },
    ]);
    expect(candidate.acts(26)).toBe(false);
    expect(candidate.at(30, { kind: 'claimed', won: true, term: term(1) }).kinds()).toEqual(['elected']);
    expect(candidate.acts(30)).toBe(true);
  });

  it('waits behind a smaller revision and claims when that one is gone', () => {
    const candidate = queued();
    expect(candidate.at(25, view([entry('c2', '4'), entry('c1', '5')], term(7, 'c2'))).effects).toEqual([]);
    expect(candidate.state.holder).toBe('c2');
    expect(candidate.at(100, { kind: 'store-changed' }).kinds()).toEqual(['read']);
    const claim = candidate.at(101, view([entry('c1', '5')], term(7, 'c2'))).effects[0];
    expect(claim).toMatchObject({ kind: 'claim', term: { number: 8 }, previous: { number: 7 } });
  });

  it('asks again while the key of an earlier run of the same id lives', () => {
    const candidate = new Candidate();
    candidate.at(0, { kind: 'tick' });
    candidate.at(1, { kind: 'granted', lease, sentAt: monotonic(0) });
    expect(candidate.at(2, { kind: 'enqueued', accepted: false }).effects).toEqual([]);
    expect(candidate.at(501, { kind: 'tick' }).kinds()).toEqual(['enqueue']);
  });

  it('reads again when its claim was not accepted', () => {
    const candidate = leader();
    candidate.state = { ...candidate.state, phase: 'claiming', term: undefined, candidate: term(1) };
    expect(candidate.at(40, { kind: 'claimed', won: false, term: term(1) }).kinds()).toEqual(['read']);
    expect(candidate.state.phase).toBe('queued');
  });
});

describe('A2 a master that cannot renew stops by itself', () => {
  it('counts validity from the moment the renewal was sent', () => {
    const candidate = leader();
    candidate.at(760, { kind: 'tick' });
    candidate.at(1_700, { kind: 'renewed', lease, alive: true, sentAt: monotonic(760) });
    expect(candidate.acts(760 + 2_499)).toBe(true);
    expect(candidate.acts(760 + 2_500)).toBe(false);
  });

  it('renews every quarter of the TTL and soon again after a failure', () => {
    const candidate = leader();
    expect(candidate.at(749, { kind: 'tick' }).kinds()).not.toContain('renew');
    expect(candidate.at(750, { kind: 'tick' }).kinds()).toContain('renew');
    candidate.at(760, { kind: 'failed', operation: 'renew' });
    expect(candidate.at(760 + 188, { kind: 'tick' }).kinds()).toContain('renew');
  });

  it('steps down at the end of its validity, whatever event comes first', () => {
    const candidate = leader();
    expect(candidate.at(2_500, view([entry('c1', '5')], term(1))).kinds()).toEqual(['deposed', 'revoke']);
    expect(candidate.state.phase).toBe('idle');
    expect(candidate.at(3_000, { kind: 'tick' }).kinds()).toEqual(['grant']);
  });

  it.each([
    ['its lease is gone', { kind: 'renewed', lease, alive: false, sentAt: monotonic(40) }],
    ['its entry is gone', view([entry('c2', '9')], term(1))],
    ['another one is first', view([entry('c2', '4'), entry('c1', '5')], term(1))],
    ['the record is not its own', view([entry('c1', '5')], term(2, 'c2'))],
    ['a higher term is reported', { kind: 'term-seen', term: term(9, 'c3') }],
  ] satisfies [string, ElectionEvent][])('steps down when %s', (_, event) => {
    const candidate = leader();
    expect(candidate.at(50, event).kinds()).toEqual(['deposed', 'revoke']);
    expect(candidate.acts(50)).toBe(false);
  });

  it('stands above every term it ever saw', () => {
    const candidate = leader();
    candidate.at(50, { kind: 'term-seen', term: term(9, 'c3') });
    candidate.at(550, { kind: 'tick' });
    candidate.at(560, { kind: 'granted', lease, sentAt: monotonic(550) });
    candidate.at(570, { kind: 'enqueued', accepted: true });
    expect(candidate.at(580, view([entry('c1', '8')], term(1))).effects[0]).toMatchObject({ term: { number: 10 } });
  });

  it('ignores a renewal of a lease that is no longer its own', () => {
    const candidate = leader();
    candidate.at(50, { kind: 'renewed', lease: 'old' as LeaseId, alive: true, sentAt: monotonic(2_000) });
    expect(candidate.acts(2_500)).toBe(false);
  });
});

describe('handing over', () => {
  it('revokes at once and never stands again', () => {
    const candidate = leader();
    expect(candidate.at(50, { kind: 'stop' }).kinds()).toEqual(['deposed', 'revoke']);
    expect(candidate.at(10_000, { kind: 'tick' }).effects).toEqual([]);
    expect(electionWakeAt(candidate.state)).toBe(Number.POSITIVE_INFINITY);
  });

  it('gives a lease back that was granted too late', () => {
    const candidate = leader();
    const late: ElectionEvent = { kind: 'granted', lease: 'late' as LeaseId, sentAt: monotonic(1) };
    expect(candidate.at(50, late).effects).toEqual([{ kind: 'revoke', lease: 'late' }]);
  });
});

describe('where votes decide from now on', () => {
  it('a master by the lock is none any more, and keeps the lock', () => {
    const candidate = leader();
    const yielded = candidate.at(50, { kind: 'yield', reason: 'two controllers' });
    expect(yielded.effects).toEqual([{ kind: 'deposed', term: term(1), reason: 'two controllers' }]);
    expect([yielded.acts(51), yielded.state.phase, yielded.state.lease]).toEqual([false, 'queued', lease]);
    expect(candidate.at(52, { kind: 'yield', reason: 'again' }).effects).toEqual([]);
  });
});

describe('who is no member any more', () => {
  it('gives its place in the queue back', () => {
    const candidate = leader();
    expect(candidate.at(50, { kind: 'withdraw', reason: 'no member' }).kinds()).toEqual(['deposed', 'revoke']);
    expect(candidate.state.phase).toBe('idle');
    expect(candidate.at(60, { kind: 'withdraw', reason: 'no member' }).effects).toEqual([]);
  });
});

describe('A5 with three controllers the lock makes nobody master: it follows the vote', () => {
  const voting = (): Candidate => queued({ byVotes: true });
  const queue = [entry('c2', '4'), entry('c1', '5')];

  it('tells who holds it, and claims nothing', () => {
    const candidate = voting();
    expect(candidate.at(25, view([entry('c1', '4')], term(3, 'c2'))).effects).toEqual([]);
    expect([candidate.state.holder, candidate.acts(26)]).toEqual(['c1', false]);
  });

  it('is taken over by the one that was voted for, from whoever is ahead', () => {
    const candidate = voting().at(25, view(queue, term(3, 'c2')));
    expect(candidate.at(30, { kind: 'reign', term: term(4) }).effects).toEqual([]);
    expect(candidate.at(30, { kind: 'tick' }).kinds()).toContain('read');
    expect(candidate.at(31, view(queue, term(3, 'c2'))).effects).toEqual([
      { kind: 'takeOver', entry: entry('c1', '5'), ahead: [entry('c2', '4')], term: term(4), previous: term(3, 'c2') },
    ]);
    candidate.at(32, { kind: 'taken-over', won: true, term: term(4) });
    expect(candidate.at(40, view([entry('c1', '5')], term(4))).effects).toEqual([]);
  });

  it('is looked at again when the takeover met a change', () => {
    const candidate = voting()
      .at(30, { kind: 'reign', term: term(4) })
      .at(31, view(queue));
    candidate.at(32, { kind: 'taken-over', won: false, term: term(4) });
    expect(candidate.at(32, { kind: 'tick' }).kinds()).toContain('read');
  });

  it('is left to a higher term on record, and to itself once the reign is over', () => {
    const candidate = voting().at(30, { kind: 'reign', term: term(4) });
    expect(candidate.at(31, view(queue, term(5, 'c2'))).effects).toEqual([]);
    candidate.at(32, { kind: 'reign', term: undefined });
    expect(candidate.at(33, view(queue, term(3, 'c2'))).effects).toEqual([]);
  });

  it('A11 is unknown while the store does not answer', () => {
    const candidate = voting().at(25, view(queue));
    expect(candidate.state.holder).toBe('c2');
    expect(candidate.at(30, { kind: 'failed', operation: 'read' }).state.holder).toBeUndefined();
  });
});
