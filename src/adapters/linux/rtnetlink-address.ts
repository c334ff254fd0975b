/** Addresses of interfaces as rtnetlink messages (rtnetlink(7), linux/if_addr.h). */
import { bitsOf, type Family, formatIp, type Ip, ipFromBytes, ipToBytes } from '../../core/ip.ts';
import {
  type Attribute,
  attributesOf,
  encodeMessage,
  type NetlinkMessage,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from './netlink-message.ts';

export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;

/**
 * Our mark: the address protocol (IFA_PROTO, Linux 5.18) of every address this product adds, as `ip address` shows it
 * (`proto 0x56`). The kernel itself uses 1 to 3; routing daemons use their route protocol number. It is a fixed part
 * of the product: another number would orphan the addresses of a running host.
 */
export const ADDRESS_PROTOCOL = 0x56;

const AF_INET = 2;
const AF_INET6 = 10;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;
const IFA_PROTO = 11;
const HEADER_BYTES = 8;

export const IFA_F_NODAD = 0x02;
export const IFA_F_DADFAILED = 0x08;
export const IFA_F_TENTATIVE = 0x40;
export const IFA_F_NOPREFIXROUTE = 0x200;

/** One address of one interface. */
export interface InterfaceAddress {
  readonly ifindex: number;
  /** Canonical text. */
  readonly ip: string;
  readonly family: Family;
  readonly prefixLength: number;
  /** IFA_PROTO, 0 where nobody set it. */
  readonly protocol: number;
  /** IFA_F_* */
  readonly flags: number;
}

export interface AddressMessage {
  readonly kind: 'added' | 'removed';
  readonly address: InterfaceAddress;
}

export interface AddressTarget {
  readonly ifindex: number;
  readonly ip: Ip;
  readonly prefixLength: number;
}

/**
 * Adds an address with our mark that ends by itself after `lifetimeSeconds`.
 *
 * IPv6: no duplicate detection by the kernel (it would take a second), and deprecated from the start so that the VIP
 * is never chosen as the source of the host's own traffic. An address of full length brings no route of its own.
 *
 * `exclusive` fails with EEXIST where the address exists, whoever owns it; otherwise an existing one is changed.
 */
export function encodeNewAddress(target: AddressTarget, lifetimeSeconds: number, exclusive: boolean): Buffer {
  const v6 = target.ip.family === 6;
  const fullLength = target.prefixLength === bitsOf(target.ip.family);
  const flags = (v6 ? IFA_F_NODAD : 0) | (fullLength ? IFA_F_NOPREFIXROUTE : 0);
  const preferredSeconds = v6 ? 0 : lifetimeSeconds;
  return encodeMessage(RTM_NEWADDR, NLM_F_CREATE | (exclusive ? NLM_F_EXCL : NLM_F_REPLACE), headerOf(target), [
    ...attributesFor(target),
    [IFA_CACHEINFO, u32(preferredSeconds, lifetimeSeconds, 0, 0)],
    [IFA_FLAGS, u32(flags)],
    [IFA_PROTO, Uint8Array.of(ADDRESS_PROTOCOL)],
  ]);
}

export const encodeDeleteAddress = (target: AddressTarget): Buffer =>
  encodeMessage(RTM_DELADDR, 0, headerOf(target), attributesFor(target));

export const encodeAddressDump = (): Buffer => encodeMessage(RTM_GETADDR, NLM_F_DUMP, Buffer.alloc(HEADER_BYTES));

function headerOf({ ifindex, ip, prefixLength }: AddressTarget): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(ip.family === 6 ? AF_INET6 : AF_INET, 0);
  header.writeUInt8(prefixLength, 1);
  header.writeUInt32LE(ifindex, 4);
  return header;
}

function attributesFor({ ip }: AddressTarget): Attribute[] {
  const bytes = ipToBytes(ip);
  return [
    [IFA_LOCAL, bytes],
    [IFA_ADDRESS, bytes],
  ];
}

/** Undefined where the message is not about an IPv4 or IPv6 address. */
export function decodeAddress({ type, payload }: NetlinkMessage): AddressMessage | undefined {
  if ((type !== RTM_NEWADDR && type !== RTM_DELADDR) || payload.length < HEADER_BYTES) return undefined;
  const family = payload.readUInt8(0);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const attributes = attributesOf(payload, HEADER_BYTES);
  // IFA_ADDRESS is the far end of a point-to-point address, and the only one that plain IPv6 addresses have.
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (!bytes || bytes.length !== (family === AF_INET ? 4 : 16)) return undefined;
  const address: InterfaceAddress = {
    ifindex: payload.readUInt32LE(4),
    ip: formatIp(ipFromBytes(bytes)),
    family: family === AF_INET ? 4 : 6,
    prefixLength: payload.readUInt8(1),
    protocol: attributes.get(IFA_PROTO)?.readUInt8(0) ?? 0,
    flags: attributes.get(IFA_FLAGS)?.readUInt32LE(0) ?? payload.readUInt8(2),
  };
  return { kind: type === RTM_NEWADDR ? 'added' : 'removed', address };
}

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}
