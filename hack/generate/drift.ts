import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { generate, type Generator } from './generators.ts';

/** Large, and no input of a generator; the copy links to those that programs need. */
const NOT_COPIED = ['.git', 'node_modules', '.cache', 'dist', 'reports', 'coverage'];
const LINKED = ['node_modules', '.cache'];

function filesIn(root: string, output: string): string[] {
  const path = join(root, output);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [output];
  return globSync(`${output}/**`, { cwd: root }).filter((file) => statSync(join(root, file)).isFile());
}

/** Differences between two trees in the given files and folders, one line each. */
export function differences(committed: string, generated: string, outputs: readonly string[]): string[] {
  return outputs.flatMap((output) => {
    const before = new Set(filesIn(committed, output));
    const after = new Set(filesIn(generated, output));
    const all: string[] = [...new Set([...before, ...after])];
    return all.sort().flatMap((file) => {
      if (!before.has(file)) return [`${file} is missing`];
      if (!after.has(file)) return [`${file} is not generated any more`];
      const same = readFileSync(join(committed, file)).equals(readFileSync(join(generated, file)));
      return same ? [] : [`${file} differs from what is generated`];
    });
  });
}

/**
 * Runs the generators in a copy of the tree as it is, committed or not, and compares.
 *
 * @returns one line for each file that has drifted.
 */
export function findDrift(generators: readonly Generator[], root: string): string[] {
  const copy = mkdtempSync(join(tmpdir(), 'vippool-verify-'));
  try {
    cpSync(root, copy, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !(dirname(source) === root && NOT_COPIED.includes(basename(source))),
    });
    for (const name of LINKED) if (existsSync(join(root, name))) symlinkSync(join(root, name), join(copy, name));
    generate(generators, copy);
    return differences(
      root,
      copy,
      generators.flatMap(({ outputs }) => outputs),
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
