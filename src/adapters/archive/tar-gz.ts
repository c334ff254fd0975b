import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { OpError } from '../../core/op-error.ts';
import type { ReportFile } from '../../ports/evidence.ts';
import { END_OF_TAR, tarEntry } from './ustar.ts';

export interface ArchiveOptions {
  readonly path: string;
  /** Time of every file in it. */
  readonly modifiedAt: Date;
  /** Asked after the last file; false: nothing is kept. */
  readonly isWorthIt: () => boolean;
}

/**
 * Writes files, as they come, into a .tar.gz that only its owner may read, and returns its bytes. Nobody sees half of it.
 * Throws OpError where it cannot be written.
 */
export async function writeTarGz(files: AsyncIterable<ReportFile>, options: ArchiveOptions): Promise<number> {
  const { path, isWorthIt } = options;
  const part = `${path}.part`;
  try {
    await pipeline(
      Readable.from(blocks(files, options)),
      createGzip(),
      createWriteStream(part, { flags: 'w', mode: 0o600 }),
    );
    const { size } = await stat(part);
    if (isWorthIt()) await rename(part, path);
    else await rm(part);
    return size;
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw new OpError('InvalidInput', `cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function* blocks(
  files: AsyncIterable<ReportFile>,
  { modifiedAt }: ArchiveOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { path, text } of files) yield tarEntry({ path, content: Buffer.from(text) }, { modifiedAt });
  yield END_OF_TAR;
}

/** Node's own errors are of another realm in some hosts, so they are known by their shape. */
const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
