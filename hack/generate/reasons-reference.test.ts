import { expect, test } from '@jest/globals';
import { Reason } from '../../src/core/reasons.ts';
import { reasonsReference } from './reasons-reference.ts';

const rows = [...reasonsReference().matchAll(/^\| <a id="[a-z]+"><\/a>`(\w+)` \| (.+) \| (.*) \|$/gm)];

test('every reason code has a row that says what it means, in the order of the source', () => {
  expect(rows.map(([, name]) => name)).toEqual(Object.keys(Reason));
  for (const [, , text] of rows) expect(text).toMatch(/^[A-Z].*\.$/);
});

test('and the conditions that may give it', () => {
  const conditions = new Map(rows.map(([, name, , text]) => [name, text]));
  expect(conditions.get('ServiceUnreachable')).toBe(
    'pool `Ready=False`, pool `ServiceNetworkFaulty=True`, node `Ready=False`',
  );
  expect(conditions.get('PlacedAtHome')).toBe('');
});
