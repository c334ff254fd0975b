import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LeaseId, QueueEntry } from '../../core/election-types.ts';
import { controllerId } from '../../core/ids.ts';
import type { Term } from '../../core/term.ts';
import type { ElectionStore } from '../../ports/election-store.ts';

/** One electorate's shared record, empty at first. */
export interface ElectionStoreHarness {
  /** The store as another controller sees it. */
  newStore(): ElectionStore;
  /** Lets time pass, really or virtually. */
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

const A = controllerId('c1');
const B = controllerId('c2');
const TTL_MS = 30_000;
const SHORT_MS = 1_000;
/** A store may keep a lease for up to a second longer than asked, and looks twice a second. */
const SURELY_OVER_MS = 3_500;
const WITHIN_MS = 20_000;

export const term = (number: number, id = A): Term => ({
  number,
  instance: { id, priority: 1, address: '10.0.0.1', nonce: `nonce-of-${id}` },
});

async function join(store: ElectionStore, id = A, ttlMs = TTL_MS): Promise<{ lease: LeaseId; entry: QueueEntry }> {
  const lease = await store.grant(ttlMs);
  expect(await store.enqueue(lease, id)).toBe(true);
  const entry = (await store.read()).queue.find((other) => other.id === id);
  if (!entry) throw new Error(`${id} is not in the queue`);
  return { lease, entry };
}

/** What every ElectionStore promises; `open` makes an empty one for one test. */
export function electionStoreContract(open: () => Promise<ElectionStoreHarness>): void {
  let harness: ElectionStoreHarness;
  let one: ElectionStore;
  let two: ElectionStore;
  beforeEach(async () => {
    harness = await open();
    one = harness.newStore();
    two = harness.newStore();
  });
  afterEach(async () => {
    one.close();
    two.close();
    await harness.dispose();
  });
  const ids = async (): Promise<string[]> => (await two.read()).queue.map(({ id }) => id);

  describe('queue', () => {
    test('is empty at first, and nobody is master', async () => {
      expect(await one.read()).toEqual({ queue: [], master: undefined });
    });

    test('is in order of arrival, whatever the ids', async () => {
      const late = await join(two, B);
      await join(one, A);
      expect(await ids()).toEqual([B, A]);
      const { queue } = await one.read();
      expect(BigInt(queue[0]?.revision ?? 0)).toBeLessThan(BigInt(queue[1]?.revision ?? 0));
      await two.revoke(late.lease);
      await join(two, B);
      expect(await ids()).toEqual([A, B]);
    });

    test('refuses an id whose earlier run is still in it, until that lease has ended', async () => {
      const earlier = await join(one, A);
      const later = await two.grant(TTL_MS);
      expect(await two.enqueue(later, A)).toBe(false);
      await one.revoke(earlier.lease);
      expect(await two.enqueue(later, A)).toBe(true);
    });

    test('says yes again to the lease that is in it: the first answer may have been lost', async () => {
      const { lease, entry } = await join(one, A);
      expect(await one.enqueue(lease, A)).toBe(true);
      expect((await one.read()).queue).toEqual([entry]);
    });

    test('takes nobody under a lease that has ended', async () => {
      const lease = await one.grant(TTL_MS);
      await one.revoke(lease);
      await expect(
        one.enqueue(lease, A).then((accepted) => {
          if (!accepted) throw new Error('refused');
        }),
      ).rejects.toThrow();
      expect(await ids()).toEqual([]);
    });
  });

  describe('lease', () => {
    test(
      'that is not renewed takes its entry with it, and cannot be renewed later',
      async () => {
        const { lease } = await join(one, A, SHORT_MS);
        await harness.pass(SURELY_OVER_MS);
        expect(await ids()).toEqual([]);
        expect(await one.renew(lease)).toBe(false);
        expect(await one.renew(lease)).toBe(false);
      },
      WITHIN_MS,
    );

    test(
      'that is renewed lives on',
      async () => {
        const { lease } = await join(one, A, SHORT_MS);
        for (let passed = 0; passed < SURELY_OVER_MS; passed += 400) {
          await harness.pass(400);
          expect(await one.renew(lease)).toBe(true);
        }
        expect(await ids()).toEqual([A]);
      },
      WITHIN_MS,
    );

    test('that was revoked frees the place at once; revoking it again changes nothing', async () => {
      const { lease } = await join(one, A);
      await one.revoke(lease);
      expect(await ids()).toEqual([]);
      expect(await one.renew(lease)).toBe(false);
      await one.revoke(lease);
    });
  });

  describe('claim', () => {
    test('of the first in the queue becomes the record that everybody reads', async () => {
      const { entry } = await join(one, A);
      expect(await one.claim(entry, term(1), undefined)).toBe(true);
      expect((await two.read()).master).toEqual(term(1));
    });

    test('replaces the record that was read', async () => {
      const { entry } = await join(one, A);
      await one.claim(entry, term(1), undefined);
      const { master } = await one.read();
      expect(await one.claim(entry, term(2), master)).toBe(true);
      expect((await two.read()).master).toEqual(term(2));
    });

    test('made again because its answer was lost still wins, before and after another read', async () => {
      const { entry } = await join(one, A);
      expect(await one.claim(entry, term(1), undefined)).toBe(true);
      expect(await one.claim(entry, term(1), undefined)).toBe(true);
      const { master } = await one.read();
      expect(await one.claim(entry, term(2), master)).toBe(true);
      await one.read();
      expect(await one.claim(entry, term(2), master)).toBe(true);
      expect((await two.read()).master).toEqual(term(2));
    });

    test('of anybody but the first is refused', async () => {
      await join(one, A);
      const { entry } = await join(two, B);
      expect(await two.claim(entry, term(1, B), undefined)).toBe(false);
      expect((await one.read()).master).toBeUndefined();
    });

    test('is refused when the entry has gone, also when its owner stands in the queue anew', async () => {
      const { lease, entry } = await join(one, A);
      await one.revoke(lease);
      expect(await one.claim(entry, term(1), undefined)).toBe(false);
      await join(one, A);
      expect(await one.claim(entry, term(1), undefined)).toBe(false);
      expect((await two.read()).master).toBeUndefined();
    });

    test('is refused when the record is not the one that was read', async () => {
      const first = await join(one, A);
      expect(await one.claim(first.entry, term(1), undefined)).toBe(true);
      await one.revoke(first.lease);
      const second = await join(two, B);
      const { master } = await two.read();
      const again = await join(one, A);
      expect(await two.claim(second.entry, term(2, B), master)).toBe(true);
      expect(await one.claim(again.entry, term(2), term(1))).toBe(false);
      expect(await two.claim(second.entry, term(3, B), undefined)).toBe(false);
      expect((await one.read()).master).toEqual(term(2, B));
    });

    test('survives its lease: the record says who was master last', async () => {
      const { lease, entry } = await join(one, A);
      await one.claim(entry, term(1), undefined);
      await one.revoke(lease);
      expect(await two.read()).toEqual({ queue: [], master: term(1) });
    });
  });

  describe('takeover', () => {
    const entries = async (): Promise<readonly QueueEntry[]> => (await two.read()).queue;

    test('deletes whoever is ahead and makes the record ours, in one step', async () => {
      await join(one, A);
      await one.claim((await entries())[0] as QueueEntry, term(1), undefined);
      const { entry } = await join(two, B);
      const { queue, master } = await two.read();
      expect(await two.takeOver(entry, queue.slice(0, 1), term(2, B), master)).toBe(true);
      expect(await one.read()).toEqual({ queue: [entry], master: term(2, B) });
    });

    test('made again because its answer was lost still wins, before and after another read', async () => {
      await join(one, A);
      const { entry } = await join(two, B);
      const ahead = (await entries()).slice(0, 1);
      expect(await two.takeOver(entry, ahead, term(1, B), undefined)).toBe(true);
      expect(await two.takeOver(entry, ahead, term(1, B), undefined)).toBe(true);
      await two.read();
      expect(await two.takeOver(entry, ahead, term(1, B), undefined)).toBe(true);
      expect(await ids()).toEqual([B]);
    });

    test('does not mind an entry that has gone by itself', async () => {
      const lost = await join(one, A);
      const { entry } = await join(two, B);
      await one.revoke(lost.lease);
      expect(await two.takeOver(entry, [lost.entry], term(1, B), undefined)).toBe(true);
      expect(await entries()).toEqual([entry]);
    });

    test('spares an entry that was made again, and changes nothing then', async () => {
      const lost = await join(one, A);
      const { entry } = await join(two, B);
      await one.revoke(lost.lease);
      const again = await join(one, A);
      expect(await two.takeOver(entry, [lost.entry], term(1, B), undefined)).toBe(false);
      expect(await two.read()).toEqual({ queue: [entry, again.entry], master: undefined });
    });

    test('is refused when our own entry has gone, and when the record is not the one that was read', async () => {
      const first = await join(one, A);
      const { lease, entry } = await join(two, B);
      await one.claim(first.entry, term(1), undefined);
      expect(await two.takeOver(entry, [first.entry], term(2, B), undefined)).toBe(false);
      const { master } = await two.read();
      await two.revoke(lease);
      expect(await two.takeOver(entry, [first.entry], term(2, B), master)).toBe(false);
      expect(await two.read()).toEqual({ queue: [first.entry], master: term(1) });
    });
  });

  describe('electorate', () => {
    const members = [A, B].map((id) => ({ id, address: `${id}:7480` }));

    test('is what the first one wrote, for everybody', async () => {
      const wanted = { version: 1, members };
      expect(await one.electorate(wanted)).toEqual(wanted);
      expect(await two.electorate({ version: 1, members: members.slice(0, 1) })).toEqual(wanted);
      expect(await one.electorate(wanted)).toEqual(wanted);
    });

    test('changes where the one that is to be changed is on record, and nowhere else', async () => {
      const first = { version: 1, members };
      const [a, b] = members;
      if (!a || !b) throw new Error('two members');
      await one.electorate(first);
      const second = { version: 2, members: [a], joining: b };
      expect(await one.changeElectorate(first, second)).toEqual(second);
      expect(await two.changeElectorate(first, { version: 2, members: [b] })).toEqual(second);
      const third = { version: 3, members };
      expect(await two.changeElectorate(second, third)).toEqual(third);
      expect(await one.electorate(first)).toEqual(third);
    });

    test('changes neither the queue nor the master', async () => {
      const { entry } = await join(one, A);
      await one.claim(entry, term(1), undefined);
      await one.electorate({ version: 1, members });
      expect(await two.read()).toEqual({ queue: [entry], master: term(1) });
    });
  });

  describe('watch', () => {
    test(
      'tells of entries and records of others, and of leases that end; nothing after it was ended',
      async () => {
        const told: string[] = [];
        const end = one.watch(() => told.push('changed'));
        const news = async <T>(act: () => Promise<T>): Promise<T> => {
          await harness.pass(500);
          const before = told.length;
          const result = await act();
          for (let waited = 0; told.length === before && waited < 8_000; waited += 50) await harness.pass(50);
          expect(told.length).toBeGreaterThan(before);
          return result;
        };
        const { lease, entry } = await news(() => join(two, B));
        await news(() => two.claim(entry, term(1, B), undefined));
        await news(() => two.revoke(lease));
        await join(two, A, SHORT_MS);
        await news(() => Promise.resolve());
        expect(await ids()).toEqual([]);
        end();
        await harness.pass(200);
        const before = told.length;
        await join(two, B);
        await harness.pass(500);
        expect(told).toHaveLength(before);
      },
      WITHIN_MS,
    );
  });
}
