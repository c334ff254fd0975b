import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { monotonic, type Monotonic } from '../../core/time.ts';

const RECORD_BYTES = 64;

const MAGIC = Buffer.from('VIPLEASE');
const OWNER_AT = 8;
const UNTIL_AT = 40;
const CHECKSUM_AT = 60;

/** Names the saved content that a deadline belongs to: one of any other content, however alike, does not count. */
export const ownerOf = (content: Uint8Array): Uint8Array => createHash('sha256').update(content).digest();

/** magic (8) · owner (32) · the instant, ms, double (8) · zeros (12) · CRC-32 of all before (4), little endian */
export function encodeDeadline(owner: Uint8Array, until: Monotonic): Uint8Array {
  const record = Buffer.alloc(RECORD_BYTES);
  record.set(MAGIC, 0);
  record.set(owner, OWNER_AT);
  record.writeDoubleLE(until, UNTIL_AT);
  record.writeUInt32LE(crc32(record.subarray(0, CHECKSUM_AT)), CHECKSUM_AT);
  return record;
}

/** Undefined where the record is torn or belongs to other content. */
export function decodeDeadline(content: Uint8Array, owner: Uint8Array): Monotonic | undefined {
  const record = Buffer.from(content);
  if (record.length !== RECORD_BYTES || !record.subarray(0, OWNER_AT).equals(MAGIC)) return undefined;
  if (record.readUInt32LE(CHECKSUM_AT) !== crc32(record.subarray(0, CHECKSUM_AT))) return undefined;
  if (!record.subarray(OWNER_AT, UNTIL_AT).equals(owner)) return undefined;
  return monotonic(record.readDoubleLE(UNTIL_AT));
}
