import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/** The column of the tables of rules that names code. */
const COLUMN = 'code';

const files = globSync('src/**/*.ts');
const source = files
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');
const words = new Set(source.match(/\w+/g));

const cellsOf = (line: string): string[] => line.split('|').map((cell) => cell.trim());

/** What stands in backticks there, with the rule that it belongs to. */
const named = (readFileSync('docs/failure-model.md', 'utf8').split('\n## Rules, models, code\n')[1] ?? '')
  .split('\n\n')
  .filter((block) => block.startsWith('| '))
  .flatMap((block) => {
    const [head = '', , ...rows] = block.split('\n');
    const column = cellsOf(head).indexOf(COLUMN);
    return rows.flatMap((row) => {
      const cells = cellsOf(row);
      return [...(cells[column] ?? '').matchAll(/`([^`]+)`/g)].map(
        ([, name = '']) => [name, cells[1]?.slice(0, 60) ?? ''] as const,
      );
    });
  });

test.each(named)('%s is there: %s', (name) => {
  if (name.includes('/') || name.endsWith('.ts'))
    expect(files.some((file) => `/${file}`.includes(`/${name}`))).toBe(true);
  else expect(words).toContain(name);
});

test('there are rules', () => {
  expect(named.length).toBeGreaterThan(100);
});
