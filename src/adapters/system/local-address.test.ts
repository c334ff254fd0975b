import { expect, test } from '@jest/globals';
import { addressTowards, anyAddress } from './local-address.ts';

test('the way to a host of this machine begins at its own address', async () => {
  expect(await addressTowards('127.0.0.1', 9)).toBe('127.0.0.1');
});

test('an address that cannot be had a route to gives none', async () => {
  expect(await addressTowards('no such host', 9)).toBeUndefined();
});

test('all addresses of this host are meant by one', () => {
  expect(['::', '0.0.0.0']).toContain(anyAddress());
});
