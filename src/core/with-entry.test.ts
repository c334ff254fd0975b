import { describe, expect, it } from '@jest/globals';
import { withEntry } from './with-entry.ts';

describe('a copy with one entry', () => {
  const map = new Map([
    ['a', 1],
    ['b', 2],
  ]);

  it('has a new one at the end', () => {
    expect([...withEntry(map, 'c', 3)]).toEqual([...map, ['c', 3]]);
  });

  it('has another one in its place', () => {
    expect([...withEntry(map, 'a', 3)]).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
  });

  it('leaves the map as it is', () => {
    withEntry(map, 'a', 9);
    expect(map.get('a')).toBe(1);
  });
});
