import { expect, test } from '@jest/globals';
import { monotonic } from './time.ts';
import { ConnectionLimits } from './connection-limits.ts';

const at = monotonic;
const ONE = '192.0.2.1';
const TWO = '192.0.2.2';

test('one address gets so many connections, another one as many', () => {
  const limits = new ConnectionLimits(2);
  expect([1, 2, 3].map(() => limits.admit(ONE, at(0)))).toEqual([undefined, undefined, 'too-many']);
  expect(limits.admit(TWO, at(0))).toBeUndefined();
});

test('a place is free again when a connection ends, but not at any speed', () => {
  const limits = new ConnectionLimits(2);
  for (let count = 0; count < 2; count++) {
    expect(limits.admit(ONE, at(0))).toBeUndefined();
    limits.release(ONE);
  }
  expect(limits.admit(ONE, at(0))).toBe('too-fast');
  expect(limits.admit(ONE, at(2_001))).toBeUndefined();
});

test('an address that reconnects at its usual pace never waits', () => {
  const limits = new ConnectionLimits(64);
  for (let now = 0; now < 600_000; now += 100) {
    expect(limits.admit(ONE, at(now))).toBeUndefined();
    limits.release(ONE);
  }
});

test('all addresses together get so many', () => {
  const limits = new ConnectionLimits(1);
  for (let index = 0; index < 4_096; index++) expect(limits.admit(`a${index}`, at(0))).toBeUndefined();
  expect(limits.admit(ONE, at(0))).toBe('server-full');
  limits.release('a7');
  expect(limits.admit(ONE, at(0))).toBeUndefined();
});

test('addresses that come and go for ever do not fill the memory, nor free those that stay', () => {
  const limits = new ConnectionLimits(1);
  limits.admit(ONE, at(0));
  for (let index = 0; index < 100_000; index++) {
    limits.admit(`a${index}`, at(index));
    limits.release(`a${index}`);
  }
  expect(limits.admit(ONE, at(1e6))).toBe('too-many');
});

test('an end without a beginning counts nothing', () => {
  const limits = new ConnectionLimits(1);
  limits.release(ONE);
  limits.admit(ONE, at(0));
  limits.release(ONE);
  limits.release(ONE);
  expect(limits.admit(ONE, at(10_000))).toBeUndefined();
  expect(limits.admit(ONE, at(10_000))).toBe('too-many');
});
