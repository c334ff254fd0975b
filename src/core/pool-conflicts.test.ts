import { expect, test } from '@jest/globals';
import { poolName } from './ids.ts';
import { findLostAddresses } from './pool-conflicts.ts';
import { parsePool } from './pool-spec.ts';
import type { Pool } from './pool.ts';

function pool(name: string, createdAt: string, ...addresses: string[]): Pool {
  const parsed = parsePool({ name: poolName(name), generation: 1, createdAt, spec: { addresses } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const lostBy = (...pools: Pool[]): Record<string, unknown> => Object.fromEntries(findLostAddresses(pools));

test('pools without common addresses lose nothing', () => {
  expect(
    lostBy(pool('a', '2026-01-01T00:00:00Z', '192.0.2.1'), pool('b', '2026-01-01T00:00:00Z', '192.0.2.2')),
  ).toEqual({});
});

test('the older pool keeps an address, in whatever order and spelling', () => {
  const older = pool('z', '2026-01-01T00:00:00Z', '192.0.2.1-192.0.2.3', '2001:db8::1');
  const younger = pool('a', '2026-01-02T00:00:00Z', '192.0.2.3-192.0.2.5', '2001:DB8:0::1');
  const lost = {
    a: [
      { vip: '192.0.2.3', owner: 'z' },
      { vip: '2001:db8::1', owner: 'z' },
    ],
  };
  expect(lostBy(older, younger)).toEqual(lost);
  expect(lostBy(younger, older)).toEqual(lost);
});

test('equal age: the name decides', () => {
  const b = pool('b', '2026-01-01T00:00:00Z', '192.0.2.1');
  const a = pool('a', '2026-01-01T00:00:00Z', '192.0.2.1');
  expect(lostBy(b, a)).toEqual({ b: [{ vip: '192.0.2.1', owner: 'a' }] });
});

test('ages are instants, not texts', () => {
  const older = pool('b', '2026-01-01T10:00:00+02:00', '192.0.2.1');
  const younger = pool('a', '2026-01-01T09:00:00.500Z', '192.0.2.1');
  expect(lostBy(younger, older)).toEqual({ a: [{ vip: '192.0.2.1', owner: 'b' }] });
});

test('an address that the oldest of three pools has is lost to that one', () => {
  const oldest = pool('c', '2026-01-01T00:00:00Z', '192.0.2.1');
  const middle = pool('b', '2026-01-02T00:00:00Z', '192.0.2.1-192.0.2.2');
  const youngest = pool('a', '2026-01-03T00:00:00Z', '192.0.2.1-192.0.2.2');
  expect(lostBy(youngest, middle, oldest)).toEqual({
    b: [{ vip: '192.0.2.1', owner: 'c' }],
    a: [
      { vip: '192.0.2.1', owner: 'c' },
      { vip: '192.0.2.2', owner: 'b' },
    ],
  });
});
