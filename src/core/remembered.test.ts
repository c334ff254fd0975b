import { expect, it } from '@jest/globals';
import { remembered } from './remembered.ts';

it('is worked out once for each object, also where there is nothing to it', () => {
  const asked: string[][] = [];
  const firstOf = remembered((list: string[]) => {
    asked.push(list);
    return list[0];
  });
  const [one, alike, none] = [['a'], ['a'], []];
  expect([one, one, alike, none, none].map(firstOf)).toEqual(['a', 'a', 'a', undefined, undefined]);
  expect(asked).toEqual([one, alike, none]);
  expect(asked[0]).toBe(one);
});
