import { expect, test } from '@jest/globals';
import { editDistance, nearestName } from './nearest-name.ts';

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['flaw', 'lawn', 2],
])('editDistance(%j, %j) = %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test.each([
  ['adresses', 'addresses'],
  ['nodeselector', 'nodeSelector'],
  ['interfaces', 'interface'],
  ['health', undefined],
])('%s is probably %s', (word, name) => {
  expect(nearestName(word, ['addresses', 'exclude', 'interface', 'nodeSelector', 'failback'])).toBe(name);
});
