/** Framing of netlink messages and their attributes (RFC 3549, linux/netlink.h). Byte order of the host: little-endian. */

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
/** In an answer: the dump changed while it was made. */
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;

const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER share the field of the type. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

const align = (length: number): number => (length + 3) & ~3;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** A view of the datagram, valid until that is overwritten. */
  readonly payload: Buffer;
}

export type Attribute = readonly [type: number, value: Uint8Array];

/** Position of the first attribute of this type between two offsets of a payload, or -1; for where speed matters. */
export function attributeAt(payload: Buffer, from: number, end: number, type: number): number {
  for (let at = from; at + ATTRIBUTE_HEADER_BYTES <= end;) {
    const length = payload.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > end) return -1;
    if ((payload.readUInt16LE(at + 2) & ATTRIBUTE_TYPE_MASK) === type) return at;
    at += align(length);
  }
  return -1;
}

/** A request whose sequence number is still 0: the socket fills it in. `header`: the fixed part before the attributes. */
export function encodeMessage(
  type: number,
  flags: number,
  header: Uint8Array,
  attributes: readonly Attribute[] = [],
): Buffer {
  const body = encodeAttributes(attributes);
  const start = HEADER_BYTES + align(header.length);
  const message = Buffer.alloc(start + body.length);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(NLM_F_REQUEST | flags, 6);
  message.set(header, HEADER_BYTES);
  message.set(body, start);
  return message;
}

/** Attributes one after the other, each padded to 4 bytes; the value of a nested one is made by this function too. */
export function encodeAttributes(attributes: readonly Attribute[]): Buffer {
  let length = 0;
  for (const [, value] of attributes) length += align(ATTRIBUTE_HEADER_BYTES + value.length);
  const encoded = Buffer.alloc(length);
  let at = 0;
  for (const [attribute, value] of attributes) {
    encoded.writeUInt16LE(ATTRIBUTE_HEADER_BYTES + value.length, at);
    encoded.writeUInt16LE(attribute, at + 2);
    encoded.set(value, at + ATTRIBUTE_HEADER_BYTES);
    at += align(ATTRIBUTE_HEADER_BYTES + value.length);
  }
  return encoded;
}

/** Numbers a request in place, and says whether its success shall be answered too (failures always are). */
export function stamp(message: Buffer, sequence: number, acknowledge: boolean): void {
  const flags = message.readUInt16LE(6);
  message.writeUInt16LE(acknowledge ? flags | NLM_F_ACK : flags & ~NLM_F_ACK, 6);
  message.writeUInt32LE(sequence, 8);
}

export function* messagesOf(datagram: Buffer): Generator<NetlinkMessage> {
  let at = 0;
  while (at + HEADER_BYTES <= datagram.length) {
    const length = datagram.readUInt32LE(at);
    if (length < HEADER_BYTES || at + length > datagram.length) return;
    yield {
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      sequence: datagram.readUInt32LE(at + 8),
      payload: datagram.subarray(at + HEADER_BYTES, at + length),
    };
    at += align(length);
  }
}

/** errno of an NLMSG_ERROR message; 0 is an acknowledgement. */
export const errorOf = (message: NetlinkMessage): number => -message.payload.readInt32LE(0);

/** Attributes by type, from `offset` of a payload on; the last one of a type wins. */
export const attributesOf = (payload: Buffer, offset: number): ReadonlyMap<number, Buffer> =>
  new Map(attributeList(payload, offset));

/** Attributes in their order, from `offset` of a payload on. The values are views. */
export function attributeList(payload: Buffer, offset: number): [type: number, value: Buffer][] {
  const attributes: [number, Buffer][] = [];
  let at = offset;
  while (at + ATTRIBUTE_HEADER_BYTES <= payload.length) {
    const length = payload.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > payload.length) break;
    const value = payload.subarray(at + ATTRIBUTE_HEADER_BYTES, at + length);
    attributes.push([payload.readUInt16LE(at + 2) & ATTRIBUTE_TYPE_MASK, value]);
    at += align(length);
  }
  return attributes;
}
