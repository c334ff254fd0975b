import { createHash } from 'node:crypto';

/** What JSON can hold: properties that are undefined are missing, numbers that are not finite are null. */
export interface ContentRecord {
  /** Grows by 1 with each save, so that two saves never have the same content. */
  readonly save: number;
  readonly value: unknown;
}

/**
 * One line with format and checksum, then JSON.
 *
 * @param format changes whenever older content must not be understood any more; such content counts as none.
 */
export function encodeContent(format: string, record: ContentRecord): Uint8Array {
  const body = Buffer.from(JSON.stringify(record));
  return Buffer.concat([Buffer.from(`${format} ${checksum(body)}\n`), body]);
}

/** Undefined where the content is not exactly what `encodeContent` made for this format. */
export function decodeContent(format: string, content: Uint8Array): ContentRecord | undefined {
  const end = content.indexOf(0x0a);
  const body = content.subarray(end + 1);
  if (Buffer.from(content.subarray(0, Math.max(end, 0))).toString('latin1') !== `${format} ${checksum(body)}`) {
    return undefined;
  }
  return JSON.parse(Buffer.from(body).toString('utf8')) as ContentRecord;
}

const checksum = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
