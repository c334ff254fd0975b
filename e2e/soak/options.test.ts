import { expect, test } from '@jest/globals';
import { planOf } from './options.ts';

test('ten minutes of every profile that is of use, idle and busy, one after the other', () => {
  expect(planOf({})).toEqual({
    seconds: 600,
    profiles: ['Default', 'Fast', 'Turbo'],
    loads: ['idle', 'busy'],
    together: false,
  });
});

test('everything can be chosen', () => {
  expect(planOf({ MINUTES: '0.5', PROFILES: 'Relaxed', LOAD: 'busy', TOGETHER: '1' })).toEqual({
    seconds: 30,
    profiles: ['Relaxed'],
    loads: ['busy'],
    together: true,
  });
});

test.each([
  [{ MINUTES: 'ten' }, 'MINUTES must be a number above 0'],
  [{ PROFILES: 'fast' }, 'PROFILES: "fast" is none of Default, Fast, Turbo, Relaxed'],
  [{ LOAD: 'idle,full' }, 'LOAD: "full" is none of idle, busy'],
])('%j is refused', (variables, message) => {
  expect(() => planOf(variables)).toThrow(message);
});
