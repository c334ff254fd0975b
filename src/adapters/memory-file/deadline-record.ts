import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { monotonic, type Monotonic } from '../../core/time.ts';

/** Length of a deadline record in bytes; it is always written whole. */
export const DEADLINE_RECORD_BYTES = 64;

const MAGIC = Buffer.from('VIPLEASE');
const OWNER_AT = 8;
const VALID_UNTIL_AT = 40;
const CHECKSUM_AT = 60;

/** Names the saved memory that a record belongs to: one of any other save does not count. */
export const deadlineOwner = (memoryContent: Uint8Array): Uint8Array =>
  createHash('sha256').update(memoryContent).digest();

/** magic (8) · owner (32) · deadline, ms, double (8) · zeros (12) · CRC-32 of all before (4), little endian */
export function encodeDeadline(owner: Uint8Array, validUntil: Monotonic): Uint8Array {
  const record = Buffer.alloc(DEADLINE_RECORD_BYTES);
  record.set(MAGIC, 0);
  record.set(owner, OWNER_AT);
  record.writeDoubleLE(validUntil, VALID_UNTIL_AT);
  record.writeUInt32LE(crc32(record.subarray(0, CHECKSUM_AT)), CHECKSUM_AT);
  return record;
}

/** Undefined where the record is torn or belongs to another memory. */
export function decodeDeadline(content: Uint8Array, owner: Uint8Array): Monotonic | undefined {
  const record = Buffer.from(content);
  if (record.length !== DEADLINE_RECORD_BYTES || !record.subarray(0, OWNER_AT).equals(MAGIC)) return undefined;
  if (record.readUInt32LE(CHECKSUM_AT) !== crc32(record.subarray(0, CHECKSUM_AT))) return undefined;
  if (!record.subarray(OWNER_AT, VALID_UNTIL_AT).equals(owner)) return undefined;
  return monotonic(record.readDoubleLE(VALID_UNTIL_AT));
}
