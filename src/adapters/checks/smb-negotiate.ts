/** The first exchange of SMB 2 and 3: which dialect both sides speak (MS-SMB2 2.2.3 and 2.2.4). */
import { WrongAnswer } from './wire.ts';

/** What we say that we speak: 2.0.2, 2.1, 3.0, 3.0.2 and 3.1.1. */
const DIALECTS: ReadonlyMap<number, string> = new Map([
  [0x0202, '2.0.2'],
  [0x0210, '2.1'],
  [0x0300, '3.0'],
  [0x0302, '3.0.2'],
  [0x0311, '3.1.1'],
]);

const SMB2_PROTOCOL = 0xfe53_4d42;
const SMB1_PROTOCOL = 0xff53_4d42;
const HEADER_BYTES = 64;
const REQUEST_BYTES = 36;
const RESPONSE_BYTES = 65;
const NEGOTIATE = 0;
const FLAG_RESPONSE = 0x1;
const SIGNING_ENABLED = 1;
const GUID_BYTES = 16;
const PREAUTH_INTEGRITY = 1;
const SHA_512 = 1;
const SALT_BYTES = 32;
/** The salt and what the client calls itself. */
export const NONCE_BYTES = GUID_BYTES + SALT_BYTES;

const STATUS_SUCCESS = 0;
const STATUS_NAMES: ReadonlyMap<number, string> = new Map([
  [0xc000_0001, 'STATUS_UNSUCCESSFUL'],
  [0xc000_000d, 'STATUS_INVALID_PARAMETER'],
  [0xc000_0022, 'STATUS_ACCESS_DENIED'],
  [0xc000_009a, 'STATUS_INSUFFICIENT_RESOURCES'],
  [0xc000_00bb, 'STATUS_NOT_SUPPORTED'],
  [0xc000_0205, 'STATUS_INSUFF_SERVER_RESOURCES'],
  [0xc000_05ed, 'STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP'],
]);

const aligned = (length: number): number => Math.ceil(length / 8) * 8;

/**
 * A NEGOTIATE request with the header of a NetBIOS session message before it.
 *
 * @param nonce NONCE_BYTES random bytes: a server takes connections with one client GUID for connections of one client.
 */
export function encodeNegotiate(nonce: Uint8Array): Buffer {
  const dialects = [...DIALECTS.keys()];
  const contextAt = aligned(HEADER_BYTES + REQUEST_BYTES + dialects.length * 2);
  const context = preauthContext(nonce.subarray(GUID_BYTES));
  const message = Buffer.alloc(contextAt + context.length);
  message.writeUInt32BE(SMB2_PROTOCOL, 0);
  message.writeUInt16LE(HEADER_BYTES, 4);
  message.writeUInt16LE(NEGOTIATE, 12);
  // One credit is enough: nothing follows.
  message.writeUInt16LE(1, 14);
  const body = message.subarray(HEADER_BYTES);
  body.writeUInt16LE(REQUEST_BYTES, 0);
  body.writeUInt16LE(dialects.length, 2);
  body.writeUInt16LE(SIGNING_ENABLED, 4);
  body.set(nonce.subarray(0, GUID_BYTES), 12);
  body.writeUInt32LE(contextAt, 28);
  body.writeUInt16LE(1, 32);
  for (const [index, dialect] of dialects.entries()) body.writeUInt16LE(dialect, REQUEST_BYTES + index * 2);
  message.set(context, contextAt);
  const session = Buffer.alloc(4);
  session.writeUInt32BE(message.length, 0);
  return Buffer.concat([session, message]);
}

/** Without it a server may not choose 3.1.1. */
function preauthContext(salt: Uint8Array): Buffer {
  const data = Buffer.alloc(6);
  data.writeUInt16LE(1, 0);
  data.writeUInt16LE(salt.length, 2);
  data.writeUInt16LE(SHA_512, 4);
  const header = Buffer.alloc(8);
  header.writeUInt16LE(PREAUTH_INTEGRITY, 0);
  header.writeUInt16LE(data.length + salt.length, 2);
  return Buffer.concat([header, data, salt]);
}

/** The chosen dialect ("3.1.1"). Throws WrongAnswer where the message is no answer to our request. */
export function dialectIn(message: Buffer): string {
  if (message.length < 4) throw new WrongAnswer('sent an answer that ends too early');
  const protocol = message.readUInt32BE(0);
  if (protocol === SMB1_PROTOCOL) throw new WrongAnswer('speaks SMB 1 only');
  if (protocol !== SMB2_PROTOCOL) throw new WrongAnswer('sent something that is no answer of SMB');
  if (message.length < HEADER_BYTES) throw new WrongAnswer('sent an answer that ends too early');
  const isAnswer =
    message.readUInt16LE(4) === HEADER_BYTES &&
    message.readUInt16LE(12) === NEGOTIATE &&
    (message.readUInt32LE(16) & FLAG_RESPONSE) !== 0 &&
    message.readBigUInt64LE(24) === 0n;
  if (!isAnswer) throw new WrongAnswer('answers something that was not asked');
  const status = message.readUInt32LE(8);
  if (status !== STATUS_SUCCESS) {
    const name = STATUS_NAMES.get(status) ?? `0x${status.toString(16).padStart(8, '0')}`;
    throw new WrongAnswer(`refuses to negotiate (${name})`);
  }
  if (message.length < HEADER_BYTES + RESPONSE_BYTES - 1) throw new WrongAnswer('sent an answer that ends too early');
  if (message.readUInt16LE(HEADER_BYTES) !== RESPONSE_BYTES)
    throw new WrongAnswer('answers something that was not asked');
  const chosen = message.readUInt16LE(HEADER_BYTES + 4);
  const dialect = DIALECTS.get(chosen);
  if (dialect !== undefined) return dialect;
  throw new WrongAnswer(`chose a dialect that was not offered (0x${chosen.toString(16).padStart(4, '0')})`);
}
