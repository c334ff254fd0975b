import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { electorate, instance } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { electorateName } from '../electorate.ts';
import type { PeerMessage } from '../peer-messages.ts';

describe('the record of the electorate', () => {
  it('is read again and again, also by who is told nothing', () => {
    const c = new Controllers(3).startAll().run(3_000);
    c.cut('c3');
    c.store.electorate = { version: 2, members: electorate(3).members };
    c.run(2_500);
    expect(c.state('c3').electorate?.version).toBe(2);
  });

  it('that etcd has lost is written as it was, whoever is faster', () => {
    const c = new Controllers(3).startAll().run(3_000);
    const present = { version: 7, members: electorate(3).members };
    c.store.electorate = present;
    c.run(3_000);
    c.store.electorate = undefined;
    c.run(3_000);
    expect(c.store.electorate).toEqual(present);
    c.store.electorate = { version: 1, members: electorate(3).members };
    c.run(3_000);
    expect(c.store.electorate).toEqual(present);
  });

  it('that contradicts what a controller acts by is told of', () => {
    const c = new Controllers(3).startAll().run(3_000);
    c.store.electorate = { version: 1, members: electorate(5).members.slice(2) };
    c.run(3_000);
    expect(c.logs.map(({ message }) => message)).toContain(
      'another electorate of the same version is on record than this controller acts by',
    );
    expect(c.state('c1').electorate).toEqual(electorate(3));
  });
});

describe('another version of the electorate', () => {
  const next = { version: 2, members: electorate(3).members };

  it('ends the reign of who adopts it', () => {
    const c = new Controllers(3).startAll().run(3_000);
    const [master = ''] = c.masters();
    const reigns = c.changes.length;
    c.peerSays(master, master === 'c1' ? 'c2' : 'c1', { kind: 'electorate', electorate: next });
    expect(c.masters()).toEqual([]);
    expect(c.changes.slice(reigns)).toMatchObject([{ id: master, kind: 'deposed' }]);
  });

  it('gets neither a vote nor a promise of who acts by this one', () => {
    const c = new Controllers(3).startAll().run(3_000);
    const answers: PeerMessage[] = [];
    c.cut('c1');
    c.run(3_000);
    c.loses = (from, to, message) => {
      if (from === 'c1' && to === 'c2') answers.push(message);
      return false;
    };
    c.heal();
    const term = { number: 1_000, instance: instance('c2') };
    const ask = (known: typeof next): void => {
      const about = { term, electorate: electorateName(known) };
      c.peerSays('c1', 'c2', { kind: 'vote-request', round: 1, preVote: false, ...about });
      c.peerSays('c1', 'c2', { kind: 'beat', sequence: 1, knownTable: '', restores: [], spent: [], ...about });
    };
    const toSame = { kind: 'vote-answer', granted: true };
    ask(next);
    const told = answers.filter(({ kind }) => kind === 'vote-answer' || kind === 'beat-answer');
    expect(told).toMatchObject([
      { kind: 'vote-answer', granted: false },
      { kind: 'beat-answer', accepted: false },
    ]);
    answers.length = 0;
    ask(electorate(3));
    expect(answers).toContainEqual(expect.objectContaining(toSame));
  });

  it('is acknowledged to no agent: what it holds would rest on a majority of others', () => {
    const c = new Controllers(3).startAll().run(3_000);
    const agent = new LeasingAgent(c, 'node-1', 1);
    agent.greet('c1');
    expect(agent.beat('c1')).toMatchObject([{ kind: 'ack' }]);
    agent.electorate = 2;
    expect(agent.beat('c1')).toMatchObject([{ kind: 'nack', reason: 'OtherElectorate' }]);
  });
});
