import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SharedMap } from './shared-map.ts';

const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer()), { maxLength: 300 });

describe('a map whose copies share what is the same in both', () => {
  it('says what a Map says after the same changes', () => {
    fc.assert(
      fc.property(entries, entries, (first, then) => {
        const plain = new Map(first);
        let shared = SharedMap.of<number, number>(new Map(first));
        for (const [key, value] of then) {
          plain.set(key, value);
          shared = shared.with(key, value);
        }
        const told: [number, number][] = [];
        shared.forEach((value, key) => told.push([key, value]));
        expect([...shared]).toEqual([...plain]);
        expect(told).toEqual([...plain]);
        expect([...shared.keys()]).toEqual([...plain.keys()]);
        expect([...shared.values()]).toEqual([...plain.values()]);
        expect(shared.size).toBe(plain.size);
        for (let key = 0; key < 100; key++) {
          expect(shared.get(key)).toBe(plain.get(key));
          expect(shared.has(key)).toBe(plain.has(key));
        }
      }),
    );
  });

  it('is left as it is by the making of a copy', () => {
    const map = SharedMap.of(new Map([['a', 1]]));
    const copies = [map.with('a', 2), map.with('b', 3)];
    expect([...map]).toEqual([['a', 1]]);
    expect(copies.map((copy) => [...copy])).toEqual([
      [['a', 2]],
      [
        ['a', 1],
        ['b', 3],
      ],
    ]);
  });

  it('is not made anew of one of its kind', () => {
    const map = SharedMap.of(new Map([['a', 1]]));
    expect(SharedMap.of(map)).toBe(map);
  });
});
