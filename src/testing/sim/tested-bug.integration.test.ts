import { describe, expect, it, jest } from '@jest/globals';
import type { SourceChange, TestedBug } from './planted-bug.ts';
import { outcomeLine } from './report.ts';
import { testPlanted } from './tested-bug.ts';

const FILE = 'adapters/checks/program-memory.test.ts';

const bug = (change: Partial<SourceChange>, name = 'a program has a quarter of the limit'): TestedBug => ({
  name: 'a-bug',
  section: '0',
  rule: 'a rule',
  file: 'adapters/checks/program-memory.ts',
  find: 'limitBytes / SHARES',
  replace: 'limitBytes',
  ...change,
  test: { file: FILE, name },
});

/** Each starts another jest. */
jest.setTimeout(60_000);

describe('a planted bug that a unit test looks for', () => {
  it.each([
    ['is caught by it', bug({}), 'caught', FILE],
    ['survives where it changes nothing', bug({ replace: 'limitBytes / 4' }), 'survived', `SURVIVED ${FILE}`],
    ['is not planted where its text is not there', bug({ find: 'nowhere' }), 'not-found', 'NOT PLANTED'],
    [
      'is not judged by a test that is not there',
      bug({}, 'halves (it)'),
      'not-judged',
      'has "halves (it)" in its name',
    ],
    ['is not judged where it breaks the source', bug({ replace: ')' }), 'not-judged', 'Syntax Error'],
  ] as const)('%s', async (_, planted, outcome, said) => {
    const found = await testPlanted(planted);
    expect(found).toMatchObject({ name: 'a-bug', test: planted.test, outcome });
    expect(outcomeLine(found)).toContain(said);
  });
});
