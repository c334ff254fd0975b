import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DECLARED_CONDITIONS, isBad } from '../../src/core/condition-table.ts';
import { REPOSITORY } from '../source/files.ts';
import { sectionOf } from './markdown.ts';

const page = readFileSync(join(REPOSITORY, 'docs/operations.md'), 'utf8');
const KINDS: Readonly<Record<string, string>> = { pool: 'VipPool', node: 'NodeHealth' };

/** "NodeHealth Ready=False NodeLost" of each row: one for each reason. */
const documented = sectionOf(page, 'What the conditions mean')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) => {
    const [, condition, reasons, on, advice] = /^\| `(\w+=\w+)` \| (.+?) \| (\w+) \| (.+) \|$/.exec(line) ?? [];
    if (!condition || !reasons || !on || !advice) throw new Error(`not a row of this table: ${line}`);
    return [...reasons.matchAll(/`(\w+)`/g)].map(([, reason]) => `${KINDS[on]} ${condition} ${reason}`);
  });

test('every condition that is not as it should be says in one row what to do, for each of its reasons', () => {
  const bad = DECLARED_CONDITIONS.filter(isBad).map(
    (item) => `${item.kind} ${item.type}=${item.status} ${item.reason}`,
  );
  expect(documented.toSorted()).toEqual(bad.toSorted());
});
