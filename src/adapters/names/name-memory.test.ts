import { beforeEach, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { MOST_QUESTIONS, NameMemory, PATIENCE_MS } from './name-memory.ts';

const NAME = 'controller-0.example';
const A_WHILE_MS = 60_000;

/** Questions that a test answers by hand. */
class NameServer {
  readonly open: {
    readonly name: string;
    readonly answer: (...addresses: string[]) => void;
    readonly fail: () => void;
  }[] = [];

  readonly lookup = (name: string): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      const fail = (): void => reject(Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), { code: 'EAI_AGAIN' }));
      this.open.push({ name, answer: (...addresses) => resolve(addresses), fail });
    });

  get next(): (typeof this.open)[number] {
    const question = this.open.shift();
    if (!question) throw new Error('nobody asks');
    return question;
  }
}

let clock: VirtualClock;
let server: NameServer;
let memory: NameMemory;

beforeEach(() => {
  clock = new VirtualClock();
  server = new NameServer();
  memory = new NameMemory(server.lookup, clock);
});

async function learn(name: string, ...addresses: string[]): Promise<void> {
  const asked = memory.addressesOf(name);
  server.next.answer(...addresses);
  await asked;
  await clock.advance(A_WHILE_MS);
}

test('an address is nobody’s name, and asks nobody', async () => {
  expect(await memory.addressesOf('192.0.2.1')).toEqual(['192.0.2.1']);
  expect(await memory.addressesOf('2001:db8::1')).toEqual(['2001:db8::1']);
  expect(server.open).toEqual([]);
});

describe('a name that is known', () => {
  beforeEach(() => learn(NAME, '10.0.0.1'));

  test('has its new addresses as soon as the name server tells them', async () => {
    const asked = memory.addressesOf(NAME);
    await clock.advance(PATIENCE_MS - 1);
    server.next.answer('10.0.0.2', '10.0.0.3');
    expect(await asked).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(clock.pending).toBe(0);
  });

  test('keeps the last ones where the name server fails', async () => {
    const asked = memory.addressesOf(NAME);
    server.next.fail();
    expect(await asked).toEqual(['10.0.0.1']);
    expect(clock.pending).toBe(0);
  });

  test('keeps the last ones where the answer has no address', async () => {
    const asked = memory.addressesOf(NAME);
    server.next.answer();
    expect(await asked).toEqual(['10.0.0.1']);
  });

  test('keeps the last ones after a moment where the name server says nothing, and asks it only once', async () => {
    const asked = memory.addressesOf(NAME);
    const early = await Promise.race([asked, Promise.resolve('nothing yet')]);
    expect(early).toBe('nothing yet');
    await clock.advance(PATIENCE_MS);
    expect(await asked).toEqual(['10.0.0.1']);
    // Who asks again while it says nothing does not wait anew.
    for (let again = 0; again < 5; again++) expect(await memory.addressesOf(NAME)).toEqual(['10.0.0.1']);
    expect(server.open.length).toBe(1);
  });

  test('has new addresses when the name server is back, also by an answer that nobody waited for', async () => {
    const asked = memory.addressesOf(NAME);
    await clock.advance(PATIENCE_MS);
    await asked;
    server.next.answer('10.0.0.9');
    await clock.advance(0);
    expect(await memory.addressesOf(NAME)).toEqual(['10.0.0.9']);
  });

  test('is not asked for again within a second', async () => {
    const asked = memory.addressesOf(NAME);
    server.next.answer('10.0.0.2');
    await asked;
    await clock.advance(999);
    expect(await memory.addressesOf(NAME)).toEqual(['10.0.0.2']);
    expect(server.open).toEqual([]);
    await clock.advance(1);
    void memory.addressesOf(NAME);
    expect(server.open.length).toBe(1);
  });
});

describe('a name that was never known', () => {
  test('waits for the name server as long as it takes, all who ask together', async () => {
    const asked = [memory.addressesOf(NAME), memory.addressesOf(NAME)];
    await clock.advance(A_WHILE_MS);
    server.next.answer('10.0.0.1');
    expect(await Promise.all(asked)).toEqual([['10.0.0.1'], ['10.0.0.1']]);
    expect(server.open).toEqual([]);
  });

  test('fails as the name server does, and is asked for again', async () => {
    const asked = memory.addressesOf(NAME);
    server.next.fail();
    await expect(asked).rejects.toThrow('EAI_AGAIN');
    const again = memory.addressesOf(NAME);
    server.next.answer('10.0.0.1');
    expect(await again).toEqual(['10.0.0.1']);
  });
});

test('a name server that says nothing blocks few threads, whatever the number of names', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `host-${index}.example`);
  const asked = names.map((name) => memory.addressesOf(name));
  await clock.advance(A_WHILE_MS);
  expect(server.open.length).toBe(MOST_QUESTIONS);
  for (const [index] of names.entries()) {
    const question = server.next;
    if (index % 2 === 0) question.answer(`10.0.0.${index}`);
    else question.fail();
    await clock.advance(0);
    expect(server.open.length).toBe(Math.min(MOST_QUESTIONS, names.length - index - 1));
  }
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map(({ status }) => status)).toEqual(
    names.map((_, index) => (index % 2 === 0 ? 'fulfilled' : 'rejected')),
  );
});
