import { expect, it } from '@jest/globals';
import { judged, type Wish } from './roles.ts';

const wish: Wish = { request: ['get', 'nodes'], canI: ['list', 'nodes'], served: ['edit'] };

it('finds nothing where requests and can-i are as promised', () => {
  expect(judged('edit', wish, undefined, true)).toEqual([]);
  expect(judged('view', wish, 'Error from server (Forbidden): nodes is forbidden', false)).toEqual([]);
});

it.each([
  ['edit', 'Error from server (Forbidden)', true, /as edit: was refused: Error/],
  ['view', undefined, false, /^kubectl get nodes as view: was served$/],
  ['view', 'connection refused', false, /as view: failed otherwise/],
  ['view', 'is forbidden', true, /^kubectl auth can-i list nodes as view: yes$/],
  ['edit', undefined, false, /^kubectl auth can-i list nodes as edit: no$/],
] as const)('as %s, %j and %j', (role, said, isAllowed, says) => {
  expect(judged(role, wish, said, isAllowed)).toEqual([expect.stringMatching(says)]);
});
