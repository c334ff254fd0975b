import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ElectionEvent, RecordEvent, LeaseId } from '../../core/election-types.ts';
import { controllerId } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import { monotonic } from '../../core/time.ts';
import type { ElectionStore } from '../../ports/election-store.ts';
import { electorate, term } from '../../testing/core-builders.ts';
import { FakeElection } from '../../testing/fake-election-store.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { ElectionRunner } from './election-runner.ts';

const ID = controllerId('c1');

let clock: VirtualClock;
let election: FakeElection;
let store: ElectionStore;
let ports: RecordedPorts;
let events: ElectionEvent[];
let records: RecordEvent[];
let runner: ElectionRunner;

beforeEach(() => {
  clock = new VirtualClock();
  election = new FakeElection(clock);
  store = election.newStore();
  ports = new RecordedPorts();
  events = [];
  records = [];
  runner = new ElectionRunner({ clock, log: ports.log, store }, (told) => {
    if (told.kind === 'election') events.push(told.event);
    else records.push(told.event);
  });
});

describe('an operation', () => {
  it('is reported with its result, and with the instant at which it was sent', async () => {
    await clock.advance(70);
    runner.run({ kind: 'grant', ttlMs: 3_000 });
    await clock.advance(0);
    expect(events).toEqual([{ kind: 'granted', lease: expect.any(String), sentAt: monotonic(70) }]);
  });

  it('follows another one to the record', async () => {
    const lease = await store.grant(3_000);
    runner.run({ kind: 'enqueue', lease, id: ID });
    await clock.advance(0);
    runner.run({ kind: 'renew', lease });
    runner.run({ kind: 'read' });
    await clock.advance(0);
    const [entry] = (await store.read()).queue;
    if (!entry) throw new Error('nobody in the queue');
    runner.run({ kind: 'claim', entry, term: term(1), previous: undefined });
    await clock.advance(0);
    expect(events).toEqual([
      { kind: 'enqueued', accepted: true },
      { kind: 'renewed', lease, alive: true, sentAt: monotonic(0) },
      { kind: 'viewed', queue: [entry], master: undefined },
      { kind: 'claimed', won: true, term: term(1) },
    ]);
  });

  it('that fails is reported as such; the log has the first failure and the first success after it', async () => {
    election.away = true;
    for (const ttlMs of [1_000, 2_000]) runner.run({ kind: 'grant', ttlMs });
    await clock.advance(0);
    expect(events).toEqual([
      { kind: 'failed', operation: 'grant' },
      { kind: 'failed', operation: 'grant' },
    ]);
    election.away = false;
    runner.run({ kind: 'read' });
    runner.run({ kind: 'read' });
    await clock.advance(0);
    expect(ports.lines.map(({ message }) => message)).toEqual([
      'election store does not answer',
      'election store answers again',
    ]);
    expect(ports.lines[0]?.fields['err']).toBeInstanceOf(OpError);
  });
});

describe('a change in the store', () => {
  it('is reported from start to stop', async () => {
    runner.start();
    await store.enqueue(await store.grant(3_000), ID);
    expect(events).toEqual([{ kind: 'store-changed' }]);
    await runner.stop();
    await election.newStore().enqueue(await election.newStore().grant(3_000), controllerId('c2'));
    expect(events).toHaveLength(1);
  });
});

describe('a stop', () => {
  it('waits for the revocation that hands the lock over, and closes the store after it', async () => {
    const order: string[] = [];
    let revoked = (): void => undefined;
    store.revoke = () =>
      new Promise((resolve) => {
        revoked = () => {
          order.push('revoked');
          resolve();
        };
      });
    store.close = () => void order.push('closed');
    runner.run({ kind: 'revoke', lease: 'lease' as LeaseId });
    const stopping = runner.stop();
    await clock.advance(0);
    expect(order).toEqual([]);
    revoked();
    await stopping;
    expect(order).toEqual(['revoked', 'closed']);
  });

  it('is not held up by a revocation that fails', async () => {
    election.away = true;
    runner.run({ kind: 'revoke', lease: 'lease' as LeaseId });
    await expect(runner.stop()).resolves.toBeUndefined();
  });
});

describe('the record of the electorate', () => {
  const [c1, c2] = electorate(2).members;
  const first = { version: 1, members: c1 ? [c1] : [] };
  const second = { ...first, version: 2, joining: c2 };

  it('is read, changed where it is as expected, and told either way', async () => {
    runner.run({ kind: 'readElectorate', wanted: first });
    await clock.advance(0);
    runner.run({ kind: 'changeElectorate', from: first, to: second });
    await clock.advance(0);
    runner.run({ kind: 'changeElectorate', from: first, to: { ...first, version: 2 } });
    await clock.advance(0);
    expect(records.map((event) => event.kind === 'electorate' && event.recorded)).toEqual([first, second, second]);
  });

  it('is not known while the store is away', async () => {
    election.away = true;
    runner.run({ kind: 'changeElectorate', from: first, to: second });
    await clock.advance(0);
    expect(records).toEqual([{ kind: 'failed', operation: 'changeElectorate' }]);
  });
});
