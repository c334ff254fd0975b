import { rmSync, writeFileSync } from 'node:fs';
import { errorText } from '../core/error-text.ts';
import { OpError } from '../core/op-error.ts';

export interface StartupFile {
  /** Throws OpError where that is not possible. */
  write(): void;
}

/** The file that tells a startup probe that the process has begun its work. One of an earlier run is removed. */
export function startupFile(path: string | undefined): StartupFile {
  const done = (work: (path: string) => void): void => {
    if (path === undefined) return;
    try {
      work(path);
    } catch (cause) {
      throw new OpError('InvalidInput', `--startup-file ${path}: ${errorText(cause)}`, { cause });
    }
  };
  done((stale) => rmSync(stale, { force: true }));
  return { write: () => done((fresh) => writeFileSync(fresh, '')) };
}
