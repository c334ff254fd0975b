import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { electorate } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { abstentionMs, TIMING_PROFILES } from '../timing.ts';

const A = abstentionMs(TIMING_PROFILES.Default);
const OTHERS = { version: 1, members: [3, 5, 4].flatMap((number) => electorate(5).members[number - 1] ?? []) };

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
    c.startAll().run(10);
    agent.greet('c1');
    expect(agent.beat('c1')).toMatchObject([{ kind: 'nack', reason: 'Abstaining' }]);
    agent.keep(1_200, 'c1');
    expect([c.masters(), agent.beat('c1')]).toMatchObject([['c1'], [{ kind: 'ack' }]]);
    c.storeAway = true;
    agent.keep(4_000, 'c1');
    expect([c.masters(), agent.beat('c1')]).toMatchObject([[], [{ kind: 'ack' }]]);
  });
});

describe('a controller that is configured with controllers to which no single change leads', () => {
  it('takes no part where it is no member', () => {
    const c = new Controllers(5);
    for (const id of ['c1', 'c2', 'c3']) c.start(id, false, electorate(3));
    c.run(3_000);
    c.start('c4', false, OTHERS);
    c.run(10_000);
    expect(c.masters()).toHaveLength(1);
    expect(c.state('c4').standing).toBe('refused');
    const agent = new LeasingAgent(c, 'node-1', 1);
    agent.greet('c4');
    expect(agent.beat('c4')).toMatchObject([{ kind: 'nack', reason: 'OtherElectorate' }]);
    expect(c.store.electorate).toEqual(electorate(3));
  });

  it('goes on by the record where it is a member, and asks for no change', () => {
    const c = new Controllers(3).startAll().run(3_000);
    c.crash('c3');
    c.start('c3', true, OTHERS);
    c.run(10_000);
    expect(c.masters()).toHaveLength(1);
    expect(c.state('c3').standing).toBe('member');
    expect(c.store.electorate).toEqual(electorate(3));
  });
});

describe('a controller that starts without memory', () => {
  it('learns from etcd alone which controllers there are, and does nothing before', () => {
    const c = new Controllers(3).startAll().run(3_000);
    c.crash('c3');
    c.storeAway = true;
    c.start('c3');
    // What others tell may be older than what it has forgotten.
    c.peerSays('c3', 'c1', { kind: 'electorate', electorate: electorate(3) });
    c.run(5_000);
    expect(c.state('c3').standing).toBe('unknown');
    c.storeAway = false;
    c.run(1_000);
    expect(c.state('c3').standing).toBe('member');
  });

  it('and one with its memory needs nobody to tell it', () => {
    const c = new Controllers(3).startAll().run(3_000);
    c.crash('c3');
    c.storeAway = true;
    c.start('c3', true);
    expect(c.state('c3').standing).toBe('member');
  });
});
