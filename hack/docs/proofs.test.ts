import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

const DOCUMENT = 'docs/security.md';
/** [`name`](path) "title of a test" */
const PROOF = /\[`[^`]+`\]\(([^)]+)\) "([^"]+)"/g;

const rows = readFileSync(DOCUMENT, 'utf8')
  .split('\n## Threats\n')[1]
  ?.split('\n### ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| threat'));

test.each(rows ?? [])('%s', (row) => {
  const proofs = [...row.matchAll(PROOF)];
  expect(proofs.length).toBeGreaterThan(0);
  for (const [, path = '', title = ''] of proofs) {
    const tests = readFileSync(join(dirname(DOCUMENT), path), 'utf8');
    const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``];
    expect([title, quoted.some((whole) => tests.includes(whole))]).toEqual([title, true]);
    expect([path, /\.(?:skip|todo|failing)\b/.exec(tests)]).toEqual([path, null]);
  }
});

test('there are threats', () => {
  expect(rows?.length).toBeGreaterThan(10);
});
