/**
 * IPv4 and IPv6 addresses as numbers, so that ranges, order and subnets are arithmetic.
 * Text forms: RFC 6943 strict dotted quad (no leading zeros), RFC 4291 for IPv6, RFC 5952 for output.
 */
export type Family = 4 | 6;

export interface Ip {
  readonly family: Family;
  readonly value: bigint;
}

export interface Subnet {
  readonly base: Ip;
  readonly prefixLength: number;
}

export const bitsOf = (family: Family): 32 | 128 => (family === 4 ? 32 : 128);

/** Parses an address without prefix length or zone; undefined where the text is none. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Ip | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return { family: 4, value: BigInt(value) };
}

function parseIpv6(text: string): Ip | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])];
  return { family: 6, value: groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n) };
}

/** The 16-bit groups of one side of "::"; a dotted quad at the end counts as two. */
function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const v4 = parseIpv4(part);
      if (!v4) return undefined;
      groups.push(Number(v4.value >> 16n), Number(v4.value & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

/** Canonical text: dotted quad, or RFC 5952. */
export function formatIp(ip: Ip): string {
  if (ip.family === 4) return [24n, 16n, 8n, 0n].map((shift) => (ip.value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => Number((ip.value >> BigInt(112 - index * 16)) & 0xffffn));
  const zeros = longestZeroRun(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (!zeros) return text(groups);
  return `${text(groups.slice(0, zeros.start))}::${text(groups.slice(zeros.start + zeros.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } | undefined {
  let best: { start: number; length: number } | undefined;
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > 1 && length > (best?.length ?? 0)) best = { start, length };
  }
  return best;
}

/** IPv4 before IPv6, then by value. */
export function compareIps(a: Ip, b: Ip): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** Network byte order, 4 or 16 bytes. */
export function ipToBytes(ip: Ip): Uint8Array {
  const length = bitsOf(ip.family) / 8;
  return Uint8Array.from({ length }, (_, index) => Number((ip.value >> BigInt((length - 1 - index) * 8)) & 255n));
}

export function ipFromBytes(bytes: Uint8Array): Ip {
  return { family: bytes.length === 4 ? 4 : 6, value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
}

/** Parses "ADDRESS/LENGTH"; the host bits may be set, `base` keeps them. */
export function parseCidr(text: string): Subnet | undefined {
  const [address, length, ...rest] = text.split('/');
  if (address === undefined || length === undefined || rest.length > 0) return undefined;
  const base = parseIp(address);
  if (!base || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bitsOf(base.family)) return undefined;
  return { base, prefixLength: Number(length) };
}

/** First and last address of the subnet. */
export function subnetRange(subnet: Subnet): { first: Ip; last: Ip } {
  const { family, value } = subnet.base;
  const hostMask = (1n << BigInt(bitsOf(family) - subnet.prefixLength)) - 1n;
  const first = value & ~hostMask;
  return { first: { family, value: first }, last: { family, value: first | hostMask } };
}

export function subnetContains(subnet: Subnet, ip: Ip): boolean {
  const { base, prefixLength } = subnet;
  const hostBits = BigInt(bitsOf(base.family) - prefixLength);
  return base.family === ip.family && (base.value ^ ip.value) >> hostBits === 0n;
}
