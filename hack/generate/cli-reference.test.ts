import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/config/command.ts';
import { optionsOf } from '../../src/config/help.ts';
import { cliReference } from './cli-reference.ts';

const reference = cliReference();

test.each(COMMANDS)('every option of $name has a row', (command) => {
  const start = reference.indexOf(`\n## vippool ${command.name}`);
  const section = reference.slice(start, reference.indexOf('\n## ', start + 1) + 1 || undefined);
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows.map((row) => /--([a-z-]+)/.exec(row)?.[1])).toEqual(optionsOf(command).map(({ flag }) => flag));
});

test('a bar inside a cell does not end it', () => {
  const row = reference.split('\n').find((line) => line.includes('--on-stop'));
  expect(row?.split(/(?<!\\)\|/)).toHaveLength(7);
  expect(row).toContain(String.raw`--on-stop handover\|keep`);
});

test('a default stands alone, without the words of the help text', () => {
  expect(reference).toContain('| `addressLifetime` | 30s |');
  expect(reference).toContain('| `controllers` | **required** |');
});
