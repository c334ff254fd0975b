import { bitsOf, parseCidr, parseIp, subnetRange, type Family, type Ip } from './ip.ts';
import { MAX_POOL_ADDRESSES, SCHEMA_MESSAGES } from './pool-messages.ts';

/** Addresses from `first` to `last`, both included; first <= last. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

export type ParsedRange =
  | { readonly ok: true; readonly range: AddressRange }
  /** `message` says what to write instead. */
  | { readonly ok: false; readonly message: string };

const refuse = (message: string): ParsedRange => ({ ok: false, message });

/** IPv4 in the clothes of IPv6 ("::ffff:192.0.2.1") has a name of its own already. */
const isMapped = (ip: Ip): boolean => ip.family === 6 && ip.value >> 32n === 0xffffn;

/** A single address as it may stand in a manifest. */
export function parsePoolAddress(text: string): Ip | undefined {
  const ip = parseIp(text);
  return ip && !isMapped(ip) ? ip : undefined;
}

/** Parses "192.0.2.10", "192.0.2.32/30" or "192.0.2.10-192.0.2.15", of either family, of any size. */
export function parseRange(text: string): ParsedRange {
  if (text.includes('/')) return parseBlock(text);
  const ends = text.split('-').map(parsePoolAddress);
  const [first, last] = [ends.at(0), ends.at(-1)];
  if (!first || !last || ends.length > 2) return refuse(SCHEMA_MESSAGES.addressSyntax);
  if (first.family !== last.family) return refuse(SCHEMA_MESSAGES.rangeFamilies);
  if (first.value > last.value) return refuse(SCHEMA_MESSAGES.rangeInverted);
  return { ok: true, range: { family: first.family, first: first.value, last: last.value } };
}

function parseBlock(text: string): ParsedRange {
  const subnet = parseCidr(text);
  if (!subnet || isMapped(subnet.base)) return refuse(SCHEMA_MESSAGES.addressSyntax);
  const { first, last } = subnetRange(subnet);
  if (first.value !== subnet.base.value) return refuse(SCHEMA_MESSAGES.hostBits);
  return { ok: true, range: { family: first.family, first: first.value, last: last.value } };
}

/** Like parseRange, for addresses that a pool shall hold: not too many, and each of a kind that can move. */
export function parseVipRange(text: string): ParsedRange {
  const parsed = parseRange(text);
  if (!parsed.ok) return parsed;
  if (sizeOf(parsed.range) > MAX_POOL_ADDRESSES) {
    return refuse(text.includes('/') ? SCHEMA_MESSAGES.blockTooLarge : SCHEMA_MESSAGES.rangeTooLarge);
  }
  return IMMOVABLE.some((range) => overlap(range, parsed.range)) ? refuse(SCHEMA_MESSAGES.notUnicast) : parsed;
}

/** Unspecified, loopback, link-local, multicast and broadcast. */
const IMMOVABLE: readonly AddressRange[] = [
  block(4, 0n, 32),
  block(4, 0x7f000000n, 8),
  block(4, 0xa9fe0000n, 16),
  block(4, 0xe0000000n, 4),
  block(4, 0xffffffffn, 32),
  block(6, 0n, 127),
  block(6, 0xfe80n << 112n, 10),
  block(6, 0xff00n << 112n, 8),
];

function block(family: Family, first: bigint, prefixLength: number): AddressRange {
  return { family, first, last: first + (1n << BigInt(bitsOf(family) - prefixLength)) - 1n };
}

export const sizeOf = (range: AddressRange): bigint => range.last - range.first + 1n;

/** Whether two ranges have an address in common. */
export const overlap = (a: AddressRange, b: AddressRange): boolean =>
  a.family === b.family && a.first <= b.last && b.first <= a.last;

/** IPv4 before IPv6, then by first address. */
export const compareRanges = (a: AddressRange, b: AddressRange): number =>
  a.family - b.family || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0);
