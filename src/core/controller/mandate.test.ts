import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { electorate } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import type { VoteAnswer } from '../peer-messages.ts';
import { abstentionMs, TIMING_PROFILES } from '../timing.ts';

const A = abstentionMs(TIMING_PROFILES.Default);
const OTHER = {
  version: 1,
  members: electorate(5)
    .members.slice(0, 3)
    .reverse()
    .concat(electorate(5).members[4] ?? []),
};
const FOREIGN = 'another electorate is on record: this controller refuses to act';

describe('D6 two controllers', () => {
  const two = (): Controllers => new Controllers(2).startAll().run(3_000);

  it('A1 are led by the lock alone: they ask nobody for votes', () => {
    const c = new Controllers(2);
    let letters = 0;
    c.loses = () => ++letters > 0;
    c.startAll().run(3_000);
    expect([c.masters(), letters]).toEqual([['c1'], 0]);
  });

  it('acknowledge agents only while they hold the lock, and once they have stopped abstaining', () => {
    const c = two();
    const agent = new LeasingAgent(c, 'node-1', 1);
    agent.greet('c1', 'c2');
    expect(agent.beat('c1', 'c2')).toMatchObject([
      { kind: 'ack', master: 'c1' },
      { kind: 'nack', reason: 'Standby' },
    ]);
    c.crash('c1');
    agent.keep(5_000, 'c2');
    expect(c.masters()).toEqual(['c2']);
    expect(agent.beat('c2')).toMatchObject([{ kind: 'ack', master: 'c2' }]);
  });

  it('A2 the second one takes the lock when the first one is lost, and frees nothing for as long as a lease may live', () => {
    const c = two();
    c.crash('c1');
    c.run(5_000);
    const elected = c.changes.at(-1);
    expect(elected).toMatchObject({ id: 'c2', kind: 'elected', term: { number: 2 } });
    expect(c.state('c2').blindUntil).toBe((elected?.at ?? 0) + A);
  });

  it('have no master while the store is away, and the one with the lock again when it is back', () => {
    const c = two();
    c.storeAway = true;
    c.run(3_000);
    expect(c.masters()).toEqual([]);
    c.storeAway = false;
    c.run(5_000);
    expect(c.masters()).toHaveLength(1);
  });

  it('B4 hand the lock over at once', () => {
    const c = two();
    c.stop('c1');
    c.run(50);
    expect(c.masters()).toEqual(['c2']);
  });
});

describe('one controller', () => {
  it('is master by the lock, and acknowledges agents whether it has it or not', () => {
    const c = new Controllers(1);
    const agent = new LeasingAgent(c, 'node-1', 1);
    c.startAll();
    agent.greet('c1');
    expect(agent.beat('c1')).toMatchObject([{ kind: 'nack', reason: 'Abstaining' }]);
    agent.keep(1_200, 'c1');
    expect([c.masters(), agent.beat('c1')]).toMatchObject([['c1'], [{ kind: 'ack' }]]);
    c.storeAway = true;
    agent.keep(4_000, 'c1');
    expect([c.masters(), agent.beat('c1')]).toMatchObject([[], [{ kind: 'ack' }]]);
  });
});

describe('a controller with another electorate than the others', () => {
  it('refuses to act once the recorded one is known, says so, and is no master', () => {
    const c = new Controllers(3);
    c.start('c1');
    c.start('c2');
    c.run(3_000);
    c.start('c3', false, OTHER);
    c.run(10_000);
    expect(c.masters()).toHaveLength(1);
    expect(c.masters()).not.toContain('c3');
    expect(c.logs.filter(({ message }) => message === FOREIGN)).toEqual([{ id: 'c3', message: FOREIGN }]);
  });

  it('refuses its agents as well', () => {
    const c = new Controllers(3);
    c.start('c1');
    c.run(3_000);
    c.start('c3', false, electorate(3));
    const agent = new LeasingAgent(c, 'node-1', 1);
    agent.greet('c3');
    agent.keep(3_000, 'c3');
    expect(agent.beat('c3')).toMatchObject([{ kind: 'ack' }]);
    c.crash('c3');
    c.start('c3', true, OTHER);
    agent.greet('c3');
    c.run(3_000);
    expect(c.logs.map(({ message }) => message)).toContain('agent refused: it is configured with other controllers');
  });

  it('gets no vote and no promise, and is told why', () => {
    const c = new Controllers(3);
    c.storeAway = true;
    c.start('c2');
    c.start('c3', false, OTHER);
    const reasons: string[] = [];
    c.loses = (_, __, message) => {
      if (message.kind === 'vote-answer') reasons.push((message as VoteAnswer).reason);
      return false;
    };
    c.run(5_000);
    expect(c.masters()).toEqual([]);
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toContain('is configured with electorate');
  });
});
