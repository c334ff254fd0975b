import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../core/error-text.ts';
import { OpError } from '../../core/op-error.ts';

export const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g;

/**
 * Replaces whole files, one after the other, that their owner alone can read, in a directory that is made where it is
 * missing. Rejects with OpError.
 */
export async function replaceFiles(
  directory: string,
  files: readonly (readonly [name: string, text: string])[],
): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const [name, text] of files) await writeFile(join(directory, `${name}.new`), text, { mode: 0o600 });
    for (const [name] of files) await rename(join(directory, `${name}.new`), join(directory, name));
  } catch (error) {
    throw new OpError('InvalidInput', `cannot write to ${directory}: ${errorText(error)}`, { cause: error });
  }
}
