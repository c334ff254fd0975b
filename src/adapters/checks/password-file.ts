import { open } from 'node:fs/promises';
import { coalesced } from './coalesced.ts';

const PASSWORD_BYTES = 4_096;

/** The first line of a file. A file that cannot be read because its file system hangs is asked for once. */
export const readPassword = coalesced(async (path) => {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PASSWORD_BYTES), 0, PASSWORD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1)[0] ?? '';
  } finally {
    await file.close();
  }
});
