import { describe, expect, it } from '@jest/globals';
import { coverageOf, idsOf, loadRows, titlesOf } from './rows.ts';

const file = (text: string) => ({ path: 'e2e/a.e2e.test.ts', text });

describe('the rows', () => {
  it('are all there, each once', () => {
    const ids = loadRows().map(({ id }) => id);
    const count = (letter: string): number => ids.filter((id) => id.startsWith(letter)).length;
    expect(['A', 'B', 'C', 'D', 'E'].map(count)).toEqual([11, 8, 7, 7, 4]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('ids at the beginning of a title', () => {
  it.each([
    ['A7 a member times out', ['A7']],
    ['A7 A8 takeover and failback', ['A7', 'A8']],
    ['A10, B3: isolated', ['A10', 'B3']],
    ['E2E of A7', []],
    ['a member times out (A7)', []],
  ])('%s', (title, ids) => {
    expect(idsOf(title)).toEqual(ids);
  });
});

describe('titles', () => {
  it('are those of tests and groups, in every form of call', () => {
    const text = `
      describe('A1 group', () => {
        it('A2 test', () => { log('A3 not a title'); });
        it.each([['A4 not a title']])('A5 table %s', () => {});
        it.each\`a\`('A6 tagged', () => {});
        test.skip(\`A7 template \${x}\`, () => {});
      });
      describeWith(missingRoot(), 'A8 needs root', () => {});`;
    expect(titlesOf(file(text))).toEqual([
      'A1 group',
      'A2 test',
      'A5 table %s',
      'A6 tagged',
      'A7 template ',
      'A8 needs root',
    ]);
  });
});

describe('coverage', () => {
  const rows = [
    { id: 'A1', title: 'one' },
    { id: 'A2', title: 'two' },
  ];

  it('lists the tests of each row, and ids that no row has', () => {
    const text = `it('A1 holds', () => {}); it('A1 B9 and more', () => {});`;
    expect(coverageOf(rows, [file(text)])).toEqual({
      rows: [
        { row: rows[0], tests: ['A1 holds (e2e/a.e2e.test.ts)', 'A1 B9 and more (e2e/a.e2e.test.ts)'] },
        { row: rows[1], tests: [] },
      ],
      unknown: ['A1 B9 and more (e2e/a.e2e.test.ts)'],
    });
  });
});
