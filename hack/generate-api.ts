/**
 * Writes what follows from the CRDs: types and reference. `--check` writes nothing and fails where a file differs.
 *
 *   node hack/generate-api.ts [--check]
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readCrds } from './api/crd.ts';
import { generateReference } from './api/reference.ts';
import { generateTypes } from './api/types.ts';

const root = join(import.meta.dirname, '..');
const crds = await readCrds(join(root, 'crds'));
const types = 'src/core/api/types.gen.ts';
const files: Readonly<Record<string, string>> = {
  [types]: await generateTypes(crds, join(root, types)),
  'docs/reference/crds.md': generateReference(crds),
};

for (const [file, text] of Object.entries(files)) {
  const path = join(root, file);
  if (process.argv.includes('--check')) {
    if ((await readFile(path, 'utf8').catch(() => '')) === text) continue;
    console.error(`${file} does not fit crds/: run "make generate"`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}
