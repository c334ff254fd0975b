import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileReads } from './thread-pool.ts';

const PASSWORD_BYTES = 4_096;

/** The first line of a file; undefined where `signal` was aborted before it was known. */
export const readPassword = (path: string, signal: AbortSignal): Promise<string | undefined> =>
  fileReads.run(dirname(path), () => firstLine(path), signal);

async function firstLine(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PASSWORD_BYTES), 0, PASSWORD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1)[0] ?? '';
  } finally {
    await file.close();
  }
}
