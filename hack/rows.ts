// Prints every promised behaviour with the tests that prove it. Usage: node hack/rows.ts
import { isTest, readSources } from './source/files.ts';
import { coverageOf, loadRows } from './rows/rows.ts';

// The tests of this very tool have ids in their titles that prove nothing.
const tests = readSources(['src', 'e2e', 'bench', 'hack']).filter(
  ({ path }) => isTest(path) && !path.startsWith('hack/rows/'),
);
const { rows, unknown } = coverageOf(loadRows(), tests);
for (const { row, tests: proofs } of rows) {
  console.log(`${row.id.padEnd(4)} ${row.title}`);
  for (const proof of proofs.length === 0 ? ['none'] : proofs) console.log(`       ${proof}`);
}
for (const title of unknown) console.log(`unknown id: ${title}`);
console.log(`${rows.filter(({ tests: proofs }) => proofs.length > 0).length} of ${rows.length} rows have a test`);
