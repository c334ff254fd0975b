import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { PLANTED_BUGS } from './planted-bugs.ts';

const text = readFileSync(new URL('../../../docs/failure-model.md', import.meta.url), 'utf8');
const [, tables = ''] = text.split('## Rules, models, code');
const cells = tables.split('\n').flatMap((line) => (line.startsWith('| ') ? (line.split('|').at(-2) ?? '') : []));
const listed = cells.flatMap((cell) => [...cell.matchAll(/`([a-z0-9-]+)`(?: S(\d) (\d+))?/g)]);

describe('docs/failure-model.md', () => {
  it('lists every planted bug once, and no other', () => {
    expect(listed.map(([, name]) => name).sort()).toEqual(PLANTED_BUGS.map(({ name }) => name).sort());
  });

  it.each(listed.map(([, name = '', promise, schedules]) => [name, promise, schedules] as const))(
    'names a promise that proves %s, and the number of schedules that it took',
    (name, promise, schedules) => {
      const bug = PLANTED_BUGS.find((item) => item.name === name);
      expect(bug?.expected).toContain(`S${promise}`);
      expect(Number(schedules)).toBeGreaterThan(0);
    },
  );
});
