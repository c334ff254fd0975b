/** Interfaces as rtnetlink messages (rtnetlink(7), linux/if_link.h). */
import { attributesOf, encodeMessage, type NetlinkMessage, NLM_F_DUMP } from './netlink-message.ts';

export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;

const AF_UNSPEC = 0;
const ARPHRD_ETHER = 1;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFF_UP = 0x1;
const IFF_LOWER_UP = 0x10000;
const HEADER_BYTES = 16;

export interface Link {
  readonly ifindex: number;
  readonly name: string;
  /** Hardware address; empty where the link has none. */
  readonly mac: Uint8Array;
  /** Speaks Ethernet, so that ARP and NDP frames make sense on it. */
  readonly ethernet: boolean;
  /** Switched on by the administrator, and the cable (or its like) is in. */
  readonly carrier: boolean;
}

export type LinkMessage =
  { readonly kind: 'present'; readonly link: Link } | { readonly kind: 'gone'; readonly ifindex: number };

export const encodeLinkDump = (): Buffer => encodeMessage(RTM_GETLINK, NLM_F_DUMP, Buffer.alloc(HEADER_BYTES));

/** Undefined where the message is not about an interface as such. */
export function decodeLink({ type, payload }: NetlinkMessage): LinkMessage | undefined {
  if ((type !== RTM_NEWLINK && type !== RTM_DELLINK) || payload.length < HEADER_BYTES) return undefined;
  // A bridge reports its ports in the same way: "gone" there means gone from the bridge.
  if (payload.readUInt8(0) !== AF_UNSPEC) return undefined;
  const ifindex = payload.readInt32LE(4);
  if (type === RTM_DELLINK) return { kind: 'gone', ifindex };
  const attributes = attributesOf(payload, HEADER_BYTES);
  const name = attributes.get(IFLA_IFNAME);
  if (!name) return undefined;
  const flags = payload.readUInt32LE(8);
  return {
    kind: 'present',
    link: {
      ifindex,
      name: name.toString('utf8').replace(/\0.*$/s, ''),
      mac: Uint8Array.from(attributes.get(IFLA_ADDRESS) ?? []),
      ethernet: payload.readUInt16LE(2) === ARPHRD_ETHER,
      carrier: (flags & IFF_UP) !== 0 && (flags & IFF_LOWER_UP) !== 0,
    },
  };
}
