/**
 * What an author of a pool reads when a manifest is wrong. The CEL rules of crds/vippool.io_vippools.yaml say the same
 * words where the API server can check the same thing (`SCHEMA_MESSAGES`); a test compares both.
 */

import { PLACEMENT_SCHEMA_MESSAGES } from './placement/messages.ts';

/** Most addresses of one pool: the status of a pool of that size still fits into one object of etcd (1.5 MiB). */
export const MAX_POOL_ADDRESSES = 2048;

/** Most entries of spec.addresses and of spec.exclude. */
export const MAX_ADDRESS_ENTRIES = 64;

export const SCHEMA_MESSAGES = {
  addressSyntax:
    'not an address: write a single address, a CIDR or a range without spaces, for example "192.0.2.10", "192.0.2.32/30" or "2001:db8::10-2001:db8::1f"',
  hostBits:
    'the CIDR has host bits set: write the first address of the block ("192.0.2.32/30", not "192.0.2.33/30"), or a range',
  blockTooLarge:
    'the block has more than 2048 addresses: write a prefix length of at least 21 (IPv4) or 117 (IPv6), or a range',
  rangeFamilies:
    'the range begins with one family and ends with the other: write one entry with IPv4 and one with IPv6 addresses',
  rangeInverted: 'the range is inverted: write the lower address first',
  rangeTooLarge:
    'the range has more than 2048 addresses: write a smaller range, or spread the addresses over several pools',
  notUnicast:
    'not usable as a virtual IP: write unicast addresses; loopback, link-local, multicast, broadcast and unspecified addresses cannot move between hosts',
  listedTwice: 'the same entry is listed twice: remove one',
  interfaceChoice: 'give exactly one way to choose the interface: write names (["eth1"]) or matchSubnet (true)',
  interfaceName:
    'not the name of a network interface: write 1 to 15 characters without spaces, slashes and colons, for example "eth1" or "bond0.100"',
  labelKey: 'not a label key: write NAME or DOMAIN/NAME, for example "role" or "example.com/role"',
  labelValue:
    'not a label value: write at most 63 letters, digits, "-", "_" or ".", with a letter or digit at both ends, or an empty text',
  homeKey: 'a home needs a single address as its key: write for example "192.0.2.10": node-a',
  nodeName: 'not the name of a node: write lower-case letters, digits, "-" and ".", for example "node-a"',
  duration: 'not a duration: write numbers with units (ms, s, m, h), for example "500ms", "30s" or "1m30s"',
  delayRange: 'too long: write at most 24h',
  intervalRange: 'out of range: write 10ms to 1m',
  refreshRange: 'out of range: write 1s to 24h, or 0s for no refresh',
  ...PLACEMENT_SCHEMA_MESSAGES,
} as const;

/** What only the controller can see: CEL has no wide integers and may not compare every pair of addresses. */
export const CONTROLLER_MESSAGES = {
  overlap: (other: string): string => `overlaps with ${other}: remove the common addresses from one of the two`,
  tooMany: (count: bigint): string =>
    `the pool has ${count} addresses, at most ${MAX_POOL_ADDRESSES} are possible: write smaller ranges, or spread the addresses over several pools`,
  nothingLeft: 'no address is left after exclusion: remove entries here, or add addresses',
  homeOutside: (address: string): string =>
    `${address} is no address of this pool: add it to spec.addresses, or remove this home`,
  homeTwice: (address: string): string => `${address} has two homes: write the address once`,
  poolName:
    'not a name of a pool: write lower-case letters, digits, "-" and ".", with a letter or digit at both ends, at most 253 characters',
} as const;
