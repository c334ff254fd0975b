/** Routes as rtnetlink messages (rtnetlink(7), linux/rtnetlink.h). */
import { type Family, type Ip, ipFromBytes } from '../../core/ip.ts';
import { attributesOf, encodeMessage, type NetlinkMessage, NLM_F_DUMP } from './netlink-message.ts';

export const RTM_NEWROUTE = 24;
export const RTM_GETROUTE = 26;

const AF_INET = 2;
const AF_INET6 = 10;
const RTN_UNICAST = 1;
const RT_TABLE_MAIN = 254;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_MULTIPATH = 9;
const RTA_TABLE = 15;
const RTA_VIA = 18;
const HEADER_BYTES = 12;
const NEXT_HOP_BYTES = 8;

/** One way out of the network. */
export interface DefaultRoute {
  readonly ifindex: number;
  readonly gateway: Ip;
  /** In the main table, or in one that only some of the traffic uses. */
  readonly main: boolean;
  /** The lower, the better. */
  readonly metric: number;
}

/**
 * Asks for the routes of all tables that lead to other hosts. A socket with NETLINK_GET_STRICT_CHK gets only those; else
 * every address of this host is among them.
 */
export function encodeRouteDump(family: Family): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(family === 4 ? AF_INET : AF_INET6, 0);
  header.writeUInt8(RTN_UNICAST, 7);
  return encodeMessage(RTM_GETROUTE, NLM_F_DUMP, header);
}

/** The gateways of a default route; undefined where the message is none. */
export function decodeDefaultRoute({ type, payload }: NetlinkMessage): DefaultRoute[] | undefined {
  if (type !== RTM_NEWROUTE || payload.length < HEADER_BYTES) return undefined;
  // Destination and source of any length but 0 are of a part of the network.
  if (payload.readUInt8(1) !== 0 || payload.readUInt8(2) !== 0 || payload.readUInt8(7) !== RTN_UNICAST)
    return undefined;
  const attributes = attributesOf(payload, HEADER_BYTES);
  const table = wordIn(attributes, RTA_TABLE) ?? payload.readUInt8(4);
  const common = { main: table === RT_TABLE_MAIN, metric: wordIn(attributes, RTA_PRIORITY) ?? 0 };
  const several = attributes.get(RTA_MULTIPATH);
  if (several) return nextHops(several).map((hop) => ({ ...hop, ...common }));
  const ifindex = wordIn(attributes, RTA_OIF);
  const gateway = gatewayIn(attributes);
  return ifindex === undefined || !gateway ? undefined : [{ ifindex, gateway, ...common }];
}

function wordIn(attributes: ReadonlyMap<number, Buffer>, type: number): number | undefined {
  const value = attributes.get(type);
  return value?.length === 4 ? value.readUInt32LE(0) : undefined;
}

/** struct rtnexthop, each followed by its attributes. */
function nextHops(value: Buffer): { ifindex: number; gateway: Ip }[] {
  const hops: { ifindex: number; gateway: Ip }[] = [];
  for (let at = 0; at + NEXT_HOP_BYTES <= value.length;) {
    const length = value.readUInt16LE(at);
    if (length < NEXT_HOP_BYTES || at + length > value.length) break;
    const gateway = gatewayIn(attributesOf(value.subarray(at, at + length), NEXT_HOP_BYTES));
    if (gateway) hops.push({ ifindex: value.readInt32LE(at + 4), gateway });
    at += (length + 3) & ~3;
  }
  return hops;
}

/** RTA_VIA: the gateway is of another family than the route, which comes before its address. */
function gatewayIn(attributes: ReadonlyMap<number, Buffer>): Ip | undefined {
  const bytes = attributes.get(RTA_GATEWAY) ?? attributes.get(RTA_VIA)?.subarray(2);
  return bytes?.length === 4 || bytes?.length === 16 ? ipFromBytes(bytes) : undefined;
}
