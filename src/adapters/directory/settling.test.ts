import { expect, test } from '@jest/globals';
import { monotonic } from '../../core/time.ts';
import { Settling } from './settling.ts';

const at = monotonic;

test('a name is due once it was left alone for the quiet time', () => {
  const settling = new Settling(10);
  settling.touch('a', at(0));
  settling.touch('a', at(8));
  settling.touch('b', at(15));
  expect(settling.nextMs(at(15))).toBe(3);
  expect(settling.take(at(17))).toEqual([]);
  expect(settling.take(at(18))).toEqual(['a']);
  expect(settling.take(at(25))).toEqual(['b']);
  expect(settling.nextMs(at(25))).toBeUndefined();
});

test('a name that never comes to rest is due all the same', () => {
  const settling = new Settling(10);
  let due: string[] = [];
  let now = 0;
  for (; due.length === 0; now += 5) {
    settling.touch('a', at(now));
    due = settling.take(at(now));
  }
  expect(now).toBe(205);
});
