import { mkdirSync, statSync } from 'node:fs';
import { attempt } from './file-errors.ts';

/**
 * Names the directory itself, by whatever path it is reached in this boot: who names it the same shares its memory. It is
 * created where it is missing, with mode 0700. Throws OpError.
 */
export function memoryPlace(directory: string): string {
  return attempt('create the directory', directory, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { dev, ino } = statSync(directory);
    return `${dev}-${ino}`;
  });
}
