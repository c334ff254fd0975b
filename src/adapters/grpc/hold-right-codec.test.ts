import { expect, test } from '@jest/globals';
import { readHolds } from './hold-right-codec.ts';

test('the members of a pool that many nodes name are kept once', () => {
  const told = (...members: string[]) => readHolds([{ pool: 'nas', members }]);
  const first = told('a', 'b');
  expect(told('a', 'b')[0]).toBe(first[0]);
});

test('what was read before takes the place of nothing else', () => {
  const read = [
    [{ pool: 'nas', members: ['a', 'b'] }],
    [{ pool: 'nas', members: ['a'] }],
    [{ pool: 'nas', members: ['a', 'c'] }],
    [{ pool: 'db', members: ['a', 'c'] }],
    [{ pool: 'nas', members: [] }],
  ].map((holds) => [holds, readHolds(holds)]);
  for (const [holds, rights] of read) expect(rights).toEqual(holds);
});

test('a bad name is refused each time', () => {
  for (const _ of [1, 2]) {
    expect(() => readHolds([{ pool: 'nas', members: ['a b'] }])).toThrow('holds.members is not a name');
  }
});
