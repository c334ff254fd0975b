import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readBook } from '../../core/certificates/authority-book.ts';
import { KeptCertificates } from '../../testing/kept-certificates.ts';
import { PaperCertifier } from '../../testing/paper-certifier.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { AuthorityKeeper } from './authority-keeper.ts';
import { EtcdCertificate } from './etcd-certificate.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const random = { hex: () => '00', fraction: () => 0.5 };

let clock: VirtualClock;
let certifier: PaperCertifier;
let store: KeptCertificates;
let ports: RecordedPorts;
let keepers: AuthorityKeeper[];
/** What each controller trusts. */
let trusted: string[];
/** Starts of etcd's members, and those that cannot be started anew. */
let members: Map<string, number | undefined>;
let restarts: string[];

beforeEach(() => {
  clock = new VirtualClock();
  certifier = new PaperCertifier(clock);
  store = new KeptCertificates();
  ports = new RecordedPorts();
  keepers = [];
  trusted = [];
  members = new Map(['etcd-0', 'etcd-1', 'etcd-2'].map((name) => [name, now()]));
  restarts = [];
});
afterEach(() => {
  for (const keeper of keepers) keeper.stop();
  const logged = JSON.stringify(ports.lines);
  expect(logged).not.toContain('key of');
});

const now = (): number => clock.wallNow().getTime();
const book = (): ReturnType<typeof readBook> => readBook(store.texts('authority')['authorities.json'] ?? '');
const trust = (): string | undefined => store.texts('trust')['ca.crt'];

function newKeeper(): AuthorityKeeper {
  const index = keepers.length;
  const file = {
    authorities: () => Promise.resolve(trusted[index] ?? ''),
    trust: (authorities: string) => Promise.resolve(void (trusted[index] = authorities)),
  };
  const common = { store, certifier, clock, random, log: ports.log };
  const restart = (member: string): Promise<boolean> => {
    restarts.push(member);
    members.set(member, now());
    return Promise.resolve(true);
  };
  const etcd = new EtcdCertificate({ ...common, members: { startedAt: () => Promise.resolve(members), restart } }, [
    'etcd-0.etcd',
  ]);
  const keeper = new AuthorityKeeper({ ...common, trust: file, etcd });
  keepers.push(keeper);
  return keeper;
}

test('three controllers that start at once from nothing agree on one authority', async () => {
  await Promise.all([newKeeper(), newKeeper(), newKeeper()].map((keeper) => keeper.start()));
  await clock.advance(2 * MINUTE_MS);
  const first = book()?.issuer;
  expect(first).toBeDefined();
  expect(keepers.map((keeper) => keeper.issuer())).toEqual([first, first, first]);
  expect(trusted).toEqual(Array.from({ length: 3 }, () => first?.certificate));
  expect(trust()).toBe(first?.certificate);
  expect(JSON.parse(store.texts('etcd')['tls.crt'] ?? '')).toMatchObject({
    by: first?.certificate.trim(),
    for: 'etcd etcd-0.etcd',
  });
  expect(store.texts('etcd')['ca.crt']).toBe(first?.certificate);
});

test('who is overtaken takes what the faster one made', async () => {
  const [slow, fast] = [newKeeper(), newKeeper()];
  store.before = () => fast.start();
  await slow.start();
  expect(slow.issuer()).toEqual(fast.issuer());
});

test('the keys of authorities are kept in one object only', async () => {
  await newKeeper().start();
  expect(JSON.stringify([store.texts('trust'), store.texts('etcd')])).not.toContain('key of');
  expect(JSON.stringify(store.texts('authority'))).toContain('key of authority-1');
});

describe('a store that is away', () => {
  test('is asked again, with one line in the log', async () => {
    store.isAway = true;
    await newKeeper().start();
    await clock.advance(10 * MINUTE_MS);
    expect(keepers[0]?.issuer()).toBeUndefined();
    expect(ports.lines).toEqual([
      expect.objectContaining({ level: 'warn', fields: { reason: 'the API server is away' } }),
    ]);
    store.isAway = false;
    await clock.advance(MINUTE_MS);
    expect(keepers[0]?.issuer()).toBeDefined();
  });

  test('leaves the authority that is known in service', async () => {
    await newKeeper().start();
    store.isAway = true;
    await clock.advance(DAY_MS);
    expect(keepers[0]?.issuer()?.certificate).toBe('authority-1\n');
  });
});

describe('somebody deletes', () => {
  test.each(['authority', 'trust', 'etcd'] as const)('%s: it comes back, with the same authority', async (what) => {
    await newKeeper().start();
    const before = store.texts('authority');
    store.delete(what);
    await clock.advance(2 * MINUTE_MS);
    expect(store.texts('authority')).toEqual(before);
    expect(trust()).toBe('authority-1\n');
    expect(store.texts('etcd')['ca.crt']).toBe('authority-1\n');
  });

  test('everything, while no controller runs: the cluster begins anew', async () => {
    await newKeeper().start();
    keepers[0]?.stop();
    for (const what of ['authority', 'trust', 'etcd'] as const) store.delete(what);
    const again = newKeeper();
    await again.start();
    expect(again.issuer()).toBeDefined();
    expect(trust()).toBe(again.issuer()?.certificate);
  });
});

test('what somebody else wrote into the Secret is not overwritten, and is told', async () => {
  store.overwrite('authority', { 'authorities.json': '{}' });
  await newKeeper().start();
  await clock.advance(HOUR_MS);
  expect(store.texts('authority')).toEqual({ 'authorities.json': '{}' });
  expect(ports.lines).toEqual([expect.objectContaining({ level: 'warn' })]);
});

describe('another authority', () => {
  beforeEach(async () => {
    await Promise.all([newKeeper(), newKeeper()].map((keeper) => keeper.start()));
    await clock.advance(DAY_MS);
    restarts.length = 0;
  });

  test('is trusted by all, then certifies, then is the only one', async () => {
    const old = book()?.issuer.certificate ?? '';
    store.ask();
    await clock.advance(2 * MINUTE_MS);
    const next = book()?.next?.certificate ?? '';
    expect(trust()).toBe(old + next);
    expect(keepers.map((keeper) => keeper.issuer()?.certificate)).toEqual([old, old]);
    await clock.advance(HOUR_MS + 2 * MINUTE_MS);
    expect(trust()).toBe(next + old);
    expect(keepers.map((keeper) => keeper.issuer()?.certificate)).toEqual([next, next]);
    await clock.advance(15 * MINUTE_MS);
    expect(JSON.parse(store.texts('etcd')['tls.crt'] ?? '')).toMatchObject({ by: next.trim() });
    await clock.advance(14 * DAY_MS);
    expect(trust()).toBe(next + old);
    await clock.advance(DAY_MS);
    expect([trust(), ...trusted]).toEqual([next, next, next]);
  });

  test('waits for etcd, whose members start anew after they can learn of it, each once', async () => {
    members.set('etcd-1', undefined);
    store.ask();
    await clock.advance(MINUTE_MS);
    expect(restarts).toEqual([]);
    await clock.advance(10 * MINUTE_MS);
    expect(restarts).toEqual(['etcd-0', 'etcd-2']);
    await clock.advance(3 * HOUR_MS);
    expect(book()?.next).toBeDefined();
    members.set('etcd-1', now());
    await clock.advance(3 * MINUTE_MS);
    expect(book()?.next).toBeUndefined();
    expect(restarts).toEqual(['etcd-0', 'etcd-2']);
  });

  test('is made in time by itself', async () => {
    for (const keeper of keepers) keeper.stop();
    await clock.advance(645 * DAY_MS);
    const late = newKeeper();
    await late.start();
    expect(ports.lines.at(-2)).toMatchObject({ fields: { reason: 'ends' } });
    expect(book()?.next).toBeDefined();
    await clock.advance(2 * HOUR_MS);
    expect(book()?.next).toBeUndefined();
  });
});
