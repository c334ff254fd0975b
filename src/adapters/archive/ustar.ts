/** The tape archive of POSIX.1-1988 (ustar), with the extended header of POSIX.1-2001 for names that do not fit in. */

export interface TarFile {
  /** Relative, with "/" between its parts. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** Who may read what is taken out of the archive, and when it was made. */
export interface TarOptions {
  readonly modifiedAt: Date;
}

const BLOCK_BYTES = 512;
const MODE = 0o600;
/** Two empty blocks end an archive. */
export const END_OF_TAR: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);

/** One file as a part of an archive. */
export function tarEntry({ path, content }: TarFile, options: TarOptions): Uint8Array {
  const name = Buffer.from(path);
  if (name.length <= 100) return Buffer.concat([header(name, '0', content.length, options), padded(content)]);
  const record = Buffer.from(paxRecord('path', path));
  const extended = header(Buffer.from('PaxHeader'), 'x', record.length, options);
  // Who does not know the extended header gets the end of the name, which tells files apart.
  const short = header(name.subarray(-100), '0', content.length, options);
  return Buffer.concat([extended, padded(record), short, padded(content)]);
}

/** "LENGTH KEY=VALUE\n", whose length counts its own digits too. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return `${length} ${key}=${value}\n`;
}

function header(name: Uint8Array, type: '0' | 'x', bytes: number, { modifiedAt }: TarOptions): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(name, 0);
  octal(block, 100, 8, MODE);
  octal(block, 108, 8, 0);
  octal(block, 116, 8, 0);
  octal(block, 124, 12, bytes);
  octal(block, 136, 12, Math.floor(modifiedAt.getTime() / 1_000));
  block.write(type, 156, 'latin1');
  block.write('ustar\u{0}00', 257, 'latin1');
  // The sum is made as if its own field held spaces.
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\u{0} `, 148, 'latin1');
  return block;
}

/** Digits that end with a NUL. */
function octal(block: Buffer, at: number, width: number, value: number): void {
  block.write(value.toString(8).padStart(width - 1, '0'), at, 'latin1');
}

function padded(content: Uint8Array): Uint8Array {
  const rest = content.length % BLOCK_BYTES;
  return rest === 0 ? content : Buffer.concat([content, new Uint8Array(BLOCK_BYTES - rest)]);
}
