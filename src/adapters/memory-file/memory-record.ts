import { createHash } from 'node:crypto';

/** Content of the memory file: one line with format and checksum, then JSON. */
export interface MemoryRecord {
  /** Grows by 1 with each save, so that two saves never have the same content. */
  readonly save: number;
  readonly memory: unknown;
}

export function encodeMemory(record: MemoryRecord, format: string): Uint8Array {
  const body = Buffer.from(JSON.stringify(record));
  return Buffer.concat([Buffer.from(`${format} ${checksum(body)}\n`), body]);
}

/** Undefined where the content is not exactly what `encodeMemory` made. */
export function decodeMemory(content: Uint8Array, format: string): MemoryRecord | undefined {
  const end = content.indexOf(0x0a);
  const body = content.subarray(end + 1);
  const head = Buffer.from(content.subarray(0, Math.max(end, 0))).toString('latin1');
  if (head !== `${format} ${checksum(body)}`) return undefined;
  return JSON.parse(Buffer.from(body).toString('utf8')) as MemoryRecord;
}

const checksum = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
