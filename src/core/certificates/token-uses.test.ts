import { expect, test } from '@jest/globals';
import { TokenUses } from './token-uses.ts';

const HOUR_MS = 3_600_000;

test('a token is good for one key, however often', () => {
  const uses = new TokenUses();
  expect(uses.take('a', 'key', 0)).toBe(true);
  expect(uses.take('a', 'other', 1)).toBe(false);
  expect(uses.take('a', 'key', 2)).toBe(true);
  expect(uses.take('b', 'other', 3)).toBe(true);
});

test('it is remembered for longer than it lives, and not for ever', () => {
  const uses = new TokenUses();
  uses.take('a', 'key', 0);
  expect(uses.take('a', 'other', HOUR_MS)).toBe(false);
  expect(uses.take('a', 'other', 2 * HOUR_MS)).toBe(true);
});

test('a flood of tokens pushes the oldest out, and fills no memory', () => {
  const uses = new TokenUses();
  uses.take('first', 'key', 0);
  for (let count = 0; count < 16_384; count++) uses.take(`token-${count}`, 'key', 1);
  expect(uses.take('token-16383', 'other', 2)).toBe(false);
  expect(uses.take('first', 'other', 2)).toBe(true);
});
