import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OpError, type OpErrorCode } from '../../core/op-error.ts';
import type { FileContent } from './manifest-files.ts';

/** Tells a directory from another one that took its name. */
export type DirectoryId = string;

/** Undefined where there is no such directory. Throws OpError for every other reason. */
export async function directoryId(path: string): Promise<DirectoryId | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    if (!stats.isDirectory()) throw new OpError('InvalidInput', `${path} is not a directory`, { retryable: true });
    return `${stats.dev}:${stats.ino}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw toOpError(error, `look at ${path}`);
  }
}

export async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    throw toOpError(error, `list ${path}`);
  }
}

/** Undefined where there is no such file, or something that is no file. */
export async function readContent(path: string): Promise<FileContent | undefined> {
  try {
    // Not to wait for the writer of a pipe.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return undefined;
      // Some file systems know no birth time and say 1970.
      const born = stats.birthtimeMs > 0 ? stats.birthtime : stats.mtime;
      return { kind: 'text', text: await handle.readFile('utf8'), bornAt: born.toISOString() };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { kind: 'unreadable', reason: code };
  }
}

/** Whoever reads the file sees the old text or the new one. `unique` keeps writers of the same file apart. */
export async function replaceFile(path: string, text: string, unique: string): Promise<void> {
  const temporary = join(dirname(path), `.${unique}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'w', 0o644);
    try {
      await handle.writeFile(text);
      // Else a power cut may leave an empty file under the new name.
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw toOpError(error, `write ${path}`);
  }
}

/** A file that is not there is no error. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw toOpError(error, `remove ${path}`);
  }
}

const CODES: Readonly<Record<string, OpErrorCode>> = {
  EACCES: 'PermissionDenied',
  EPERM: 'PermissionDenied',
  EROFS: 'PermissionDenied',
  ENOENT: 'NotFound',
  ENOTDIR: 'InvalidInput',
  ENOSPC: 'Unavailable',
  EDQUOT: 'Unavailable',
  EIO: 'Unavailable',
  EMFILE: 'Unavailable',
  ENFILE: 'Unavailable',
  ESTALE: 'Unavailable',
};

/** `what` completes "cannot ...". */
export function toOpError(error: unknown, what: string): OpError {
  if (error instanceof OpError) return error;
  const code = codeOf(error);
  // Whatever it is, somebody may mend it: nothing in here depends on the call.
  return new OpError(CODES[code] ?? 'Internal', `cannot ${what}: ${code}`, { cause: error, retryable: true });
}

/** Node's own errors are of another realm in some hosts, so they are known by their shape. */
const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
