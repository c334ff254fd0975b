import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { HUNTED_BUGS, PLANTED_BUGS } from './planted-bugs.ts';
import { TESTED_BUGS } from './planted-tested.ts';

const text = readFileSync(new URL('../../../docs/failure-model.md', import.meta.url), 'utf8');
const [, tables = ''] = text.split('## Rules, models, code');
const cells = tables.split('\n').flatMap((line) => (line.startsWith('| ') ? (line.split('|').at(-2) ?? '') : []));
/** Name and what shows it: promise and schedules, or the file of a test. */
const BUG = /`([a-z0-9-]+)`(?: S(\d) (\d+)| `([a-z/-]+\.test\.ts)`)?/g;
const listed = cells.flatMap((cell) =>
  [...cell.matchAll(BUG)].map(([, name, promise, schedules, test]) => ({ name, promise, schedules, test })),
);
const listedAs = (name: string) => listed.find((item) => item.name === name);

describe('docs/failure-model.md', () => {
  it('lists every planted bug once, and no other', () => {
    expect(listed.map(({ name }) => name).sort()).toEqual(PLANTED_BUGS.map(({ name }) => name).sort());
  });

  it.each(HUNTED_BUGS.map(({ name, expected }) => [name, expected] as const))(
    'names a promise that proves %s, and the number of schedules that it took',
    (name, expected) => {
      const { promise, schedules } = listedAs(name) ?? {};
      expect(expected).toContain(`S${promise}`);
      expect(Number(schedules)).toBeGreaterThan(0);
    },
  );

  it.each(TESTED_BUGS.map(({ name, test }) => [name, test.file] as const))(
    'names the test that finds %s',
    (name, file) => {
      const { test } = listedAs(name) ?? {};
      expect([name, `/${file}`.endsWith(`/${test}`)]).toEqual([name, true]);
    },
  );
});
