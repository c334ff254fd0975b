/** Entries of connection tracking as nfnetlink messages (linux/netfilter/nfnetlink_conntrack.h). */
import { attributeAt, attributesOf, encodeMessage, type NetlinkMessage, NLM_F_DUMP } from './netlink-message.ts';

const SUBSYSTEM = 1 << 8;
const CT_NEW = SUBSYSTEM;
const CT_GET = SUBSYSTEM | 1;
const CT_DELETE = SUBSYSTEM | 2;
/** struct nfgenmsg: family, version, resource. */
const HEADER_BYTES = 4;
const ATTRIBUTE_HEADER_BYTES = 4;
const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_ID = 12;
const CTA_ZONE = 18;
const CTA_TUPLE_IP = 1;
const NLA_F_NESTED = 0x8000;

export const encodeConntrackDump = (): Buffer => encodeMessage(CT_GET, NLM_F_DUMP, Buffer.alloc(HEADER_BYTES));

/**
 * The request that deletes the entry of a message of the dump, where that names one of the addresses: as source or
 * destination, of the original direction or of the reply, so that translated connections count too.
 *
 * @param addresses bytes of addresses as Latin-1 text.
 */
export function encodeDeleteOf(
  { type, payload }: NetlinkMessage,
  addresses: { has(bytes: string): boolean },
): Buffer | undefined {
  if (type !== CT_NEW) return undefined;
  if (!tupleNames(payload, CTA_TUPLE_ORIG, addresses) && !tupleNames(payload, CTA_TUPLE_REPLY, addresses)) {
    return undefined;
  }
  const attributes = attributesOf(payload, HEADER_BYTES);
  const tuple = attributes.get(CTA_TUPLE_ORIG);
  const id = attributes.get(CTA_ID);
  const zone = attributes.get(CTA_ZONE);
  if (!tuple || !id) return undefined;
  // The number makes sure that it is this entry and not a younger one of the same connection.
  return encodeMessage(CT_DELETE, 0, payload.subarray(0, HEADER_BYTES), [
    [CTA_TUPLE_ORIG | NLA_F_NESTED, tuple],
    [CTA_ID, id],
    ...(zone ? [[CTA_ZONE, zone] as const] : []),
  ]);
}

function tupleNames(payload: Buffer, direction: number, addresses: { has(bytes: string): boolean }): boolean {
  const tuple = attributeAt(payload, HEADER_BYTES, payload.length, direction);
  if (tuple < 0) return false;
  const tupleEnd = tuple + payload.readUInt16LE(tuple);
  const ip = attributeAt(payload, tuple + ATTRIBUTE_HEADER_BYTES, tupleEnd, CTA_TUPLE_IP);
  if (ip < 0) return false;
  const ipEnd = ip + payload.readUInt16LE(ip);
  // Source and destination, of 4 or 16 bytes each: nothing else is in there.
  for (let at = ip + ATTRIBUTE_HEADER_BYTES; at + ATTRIBUTE_HEADER_BYTES < ipEnd;) {
    const length = payload.readUInt16LE(at);
    if (length <= ATTRIBUTE_HEADER_BYTES) return false;
    if (addresses.has(payload.toString('latin1', at + ATTRIBUTE_HEADER_BYTES, at + length))) return true;
    at += length;
  }
  return false;
}
