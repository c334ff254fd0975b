/** A copy of the source with a bug in it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyPlantedBug, SourceChange } from './planted-bug.ts';

const SOURCE = join(import.meta.dirname, '../..');

export interface CopiedPart {
  /** Folders below src/. */
  readonly folders: readonly string[];
  /** The one file of tests that is needed. */
  readonly test?: string;
}

/** @returns 'not-found' where the bug cannot be planted, else what `judge` says of the copy, which is gone then */
export async function inPlantedCopy<T>(
  bug: AnyPlantedBug,
  { folders, test }: CopiedPart,
  judge: (folder: string) => Promise<T>,
): Promise<T | 'not-found'> {
  const copy = mkdtempSync(join(tmpdir(), 'vippool-planted-'));
  try {
    const needed = test === undefined ? undefined : join(SOURCE, test);
    for (const part of folders) {
      cpSync(join(SOURCE, part), join(copy, 'src', part), {
        recursive: true,
        filter: (path) => !path.endsWith('.test.ts') || path === needed,
      });
    }
    writeFileSync(join(copy, 'package.json'), '{ "type": "module" }\n');
    for (const change of [bug, ...(bug.also ?? [])]) {
      const file = join(copy, 'src', change.file);
      const text = plantedText(readFileSync(file, 'utf8'), change);
      if (text === undefined) return 'not-found';
      writeFileSync(file, text);
    }
    return await judge(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The text with the bug in it; undefined where the place is not there, or not the only one. */
export function plantedText(
  text: string,
  { find, replace }: Pick<SourceChange, 'find' | 'replace'>,
): string | undefined {
  const parts = text.split(find);
  return parts.length === 2 ? parts.join(replace) : undefined;
}
