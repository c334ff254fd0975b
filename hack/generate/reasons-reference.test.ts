import { expect, test } from '@jest/globals';
import { Reason } from '../../src/core/reasons.ts';
import { reasonsReference } from './reasons-reference.ts';

test('every reason code has a row that says what it means, in the order of the source', () => {
  const rows = [...reasonsReference().matchAll(/^\| <a id="[a-z]+"><\/a>`(\w+)` \| (.+) \|$/gm)];
  expect(rows.map(([, name]) => name)).toEqual(Object.keys(Reason));
  for (const [, , text] of rows) expect(text).toMatch(/^[A-Z].*\.$/);
});
