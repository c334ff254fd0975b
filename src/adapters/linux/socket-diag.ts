/** Sockets of this host as sock_diag messages (sock_diag(7), linux/inet_diag.h). */
import { encodeMessage, type NetlinkMessage, NLM_F_DUMP } from './netlink-message.ts';

/** Netlink family of the socket statistics. */
export const NETLINK_SOCK_DIAG = 4;
export const AF_INET = 2;
export const AF_INET6 = 10;
const SOCK_DIAG_BY_FAMILY = 20;
const SOCK_DESTROY = 21;
const IPPROTO_TCP = 6;
/** ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK, CLOSING: no listeners, no TIME_WAIT. */
const CONNECTED_STATES = 0b1011_0011_1110;

/** struct inet_diag_req_v2 and, in answers, struct inet_diag_msg: an inet_diag_sockid after a few fields. */
const REQUEST_BYTES = 56;
const REQUEST_ID_AT = 8;
const MESSAGE_BYTES = 72;
const MESSAGE_ID_AT = 4;
const ID_BYTES = 48;
const SOURCE_AT = MESSAGE_ID_AT + 4;
/** IPv4 addresses of IPv6 sockets: ::ffff:0:0/96. */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex').toString('latin1');

export function encodeTcpDump(family: number): Buffer {
  return encodeMessage(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, requestOf(family, CONNECTED_STATES));
}

/**
 * The request that ends the connection of a message of the dump, where its local address is one of these.
 *
 * @param addresses bytes of addresses as Latin-1 text.
 */
export function encodeDestroyOf(
  { type, payload }: NetlinkMessage,
  addresses: { has(bytes: string): boolean },
): Buffer | undefined {
  if (type !== SOCK_DIAG_BY_FAMILY || payload.length < MESSAGE_BYTES) return undefined;
  const family = payload.readUInt8(0);
  if (!addresses.has(localAddress(payload, family))) return undefined;
  const request = requestOf(family, CONNECTED_STATES);
  // With the cookie of the socket, so that it is this one and not a younger one of the same ports.
  payload.copy(request, REQUEST_ID_AT, MESSAGE_ID_AT, MESSAGE_ID_AT + ID_BYTES);
  return encodeMessage(SOCK_DESTROY, 0, request);
}

function requestOf(family: number, states: number): Buffer {
  const request = Buffer.alloc(REQUEST_BYTES);
  request.writeUInt8(family, 0);
  request.writeUInt8(IPPROTO_TCP, 1);
  request.writeUInt32LE(states, 4);
  return request;
}

function localAddress(payload: Buffer, family: number): string {
  const bytes = payload.toString('latin1', SOURCE_AT, SOURCE_AT + (family === AF_INET ? 4 : 16));
  return family === AF_INET6 && bytes.startsWith(MAPPED) ? bytes.slice(MAPPED.length) : bytes;
}
