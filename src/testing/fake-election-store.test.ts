import { describe, expect, test } from '@jest/globals';
import { controllerId } from '../core/ids.ts';
import { electionStoreContract, term } from './contract/election-store.contract.ts';
import { FakeElection } from './fake-election-store.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('FakeElection', () => {
  electionStoreContract(() => {
    const clock = new VirtualClock();
    const election = new FakeElection(clock);
    return Promise.resolve({
      newStore: () => election.newStore(),
      pass: (ms) => clock.advance(ms),
      dispose: () => Promise.resolve(),
    });
  });

  test('that is away fails every call and changes nothing', async () => {
    const election = new FakeElection(new VirtualClock());
    const store = election.newStore();
    election.away = true;
    await expect(store.grant(1_000)).rejects.toMatchObject({ code: 'Unavailable', retryable: true });
    election.away = false;
    expect((await store.read()).queue).toEqual([]);
  });

  test('can lose the answer to a claim that took effect', async () => {
    const election = new FakeElection(new VirtualClock());
    const store = election.newStore();
    await store.enqueue(await store.grant(1_000), controllerId('c1'));
    const [entry] = (await store.read()).queue;
    if (!entry) throw new Error('not in the queue');
    election.answersToLose = 1;
    await expect(store.claim(entry, term(1), undefined)).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    expect(await store.claim(entry, term(1), undefined)).toBe(true);
  });
});
