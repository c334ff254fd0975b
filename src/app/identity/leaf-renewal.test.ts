import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LEAF_MS, type LeafTerm } from '../../core/certificates/renewal.ts';
import { OpError } from '../../core/op-error.ts';
import type { CertifiedKey } from '../../ports/certifier.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { LeafRenewal } from './leaf-renewal.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECRET = 'the private key';

let clock: VirtualClock;
let ports: RecordedPorts;
let leaf: LeafTerm | undefined;
let isAway: boolean;
let obtained: number;
let renewal: LeafRenewal;

const now = (): number => clock.wallNow().getTime();
const fresh = (): LeafTerm => ({ fromMs: now(), untilMs: now() + LEAF_MS, authority: 'first' });

beforeEach(() => {
  clock = new VirtualClock();
  ports = new RecordedPorts();
  leaf = undefined;
  isAway = false;
  obtained = 0;
  renewal = new LeafRenewal({
    files: {
      term: () => Promise.resolve(leaf),
      write: () => Promise.resolve(void (leaf = fresh())),
    },
    source: {
      obtain: (): Promise<CertifiedKey> => {
        if (isAway) return Promise.reject(new OpError('Unavailable', 'no controller answers'));
        obtained++;
        return Promise.resolve({ certificate: 'certificate', privateKey: SECRET });
      },
    },
    clock,
    random: { hex: () => '00', fraction: () => 0.5 },
    log: ports.log,
  });
});
afterEach(() => {
  renewal.stop();
  expect(clock.pending).toBe(0);
  expect(JSON.stringify(ports.lines)).not.toContain(SECRET);
});

test('a first certificate is waited for, with one line in the log', async () => {
  isAway = true;
  let isStarted = false;
  void renewal.start().then(() => (isStarted = true));
  await clock.advance(HOUR_MS);
  expect(isStarted).toBe(false);
  expect(ports.lines).toEqual([expect.objectContaining({ fields: { reason: 'no controller answers' } })]);
  isAway = false;
  await clock.advance(5_000);
  expect([isStarted, obtained]).toEqual([true, 1]);
});

test('nobody waits where there is a good one, even if it should have been renewed long ago', async () => {
  leaf = { ...fresh(), fromMs: now() - 10 * DAY_MS };
  isAway = true;
  await renewal.start();
  isAway = false;
  await clock.advance(1_000);
  expect(obtained).toBe(1);
});

describe('a good certificate', () => {
  beforeEach(() => renewal.start());

  test('is renewed once a day', async () => {
    await clock.advance(10.5 * DAY_MS);
    expect(obtained).toBe(11);
  });

  test('outlives everybody who could renew it by thirteen days, and is renewed as soon as they are back', async () => {
    await clock.advance(DAY_MS - HOUR_MS);
    isAway = true;
    await clock.advance(13 * DAY_MS);
    expect(leaf?.untilMs).toBeGreaterThan(now());
    expect(ports.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    isAway = false;
    await clock.advance(11 * 60_000);
    expect(leaf?.untilMs).toBeGreaterThan(now() + 13.9 * DAY_MS);
  });

  test('is renewed within ten minutes when another authority certifies, at once when its own is trusted no more', async () => {
    leaf = { ...fresh(), authority: 'other' };
    await clock.advance(4 * 60_000);
    expect(obtained).toBe(1);
    await clock.advance(2 * 60_000);
    expect(obtained).toBe(2);
    leaf = { ...fresh(), authority: 'none' };
    await clock.advance(31_000);
    expect(obtained).toBe(3);
  });

  test('that is lost is obtained anew', async () => {
    leaf = undefined;
    await clock.advance(31_000);
    expect(obtained).toBe(2);
  });

  test('is left alone after the end', async () => {
    renewal.stop();
    await clock.advance(2 * DAY_MS);
    expect(obtained).toBe(1);
  });
});

test('it can be stopped while it waits for the first one', async () => {
  isAway = true;
  const started = renewal.start();
  await clock.advance(1_000);
  renewal.stop();
  await started;
});
