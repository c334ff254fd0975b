import { existsSync, globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const REPOSITORY = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Reads all TypeScript files below the folders, in order of their paths. */
export function readSources(folders: readonly string[], root = REPOSITORY): SourceFile[] {
  return folders
    .filter((folder) => existsSync(resolve(root, folder)))
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .sort()
    .map((path) => ({ path, text: readFileSync(resolve(root, path), 'utf8') }));
}

export const isTest = (path: string): boolean => path.endsWith('.test.ts');
export const isGenerated = (path: string): boolean => path.startsWith('src/gen/') || path.endsWith('.gen.ts');
