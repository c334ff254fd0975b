/** Checks of single fields at the edge. Each returns the value in the types of core or throws Malformed. */
import type { ElectorateName } from '../../core/electorate.ts';
import { type VipAddress, vipAddress } from '../../core/ids.ts';
import { formatIp, parseCidr, parseIp } from '../../core/ip.ts';
import { Malformed } from './decoded.ts';

/** The longest name is the key of a label: 253 characters, a slash, and 63 more. */
const MAX_NAME = 317;
const MAX_TEXT = 4_096;

/** Names of nodes, pools and controllers, and keys of labels: visible ASCII without blanks. */
export function name(text: string, field: string): string {
  if (text.length === 0) throw new Malformed('missing-field', `${field} is empty`);
  if (text.length > MAX_NAME || !/^[!-~]+$/.test(text)) throw new Malformed('bad-value', `${field} is not a name`);
  return text;
}

/** As the kernel allows it: not only ASCII, but without blanks and slashes. */
export function interfaceName(text: string, field: string): string {
  if (text.length === 0) throw new Malformed('missing-field', `${field} is empty`);
  if (!/^[^\s/]{1,15}$/.test(text)) throw new Malformed('bad-value', `${field} is not the name of an interface`);
  return text;
}

/** Free text for people. */
export function prose(text: string, field: string): string {
  if (text.length > MAX_TEXT)
    throw new Malformed('too-many', `${field} has ${text.length} characters, at most ${MAX_TEXT}`);
  return text;
}

export function present<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new Malformed('missing-field', `${field} is missing`);
  return value;
}

export function whole(value: number, field: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new Malformed('bad-value', `${field} is ${value}, not a whole number from ${min} to ${max}`);
  }
  return value;
}

export function duration(value: number, field: string): number {
  if (!Number.isFinite(value) || value < 0) throw new Malformed('bad-value', `${field} is ${value}, not a duration`);
  return value;
}

/** An address in canonical text. */
export function vip(text: string, field: string): VipAddress {
  const ip = parseIp(text);
  if (!ip || formatIp(ip) !== text) throw new Malformed('bad-value', `${field} is not a canonical IP address`);
  return vipAddress(text);
}

export function prefixLength(value: number, of: VipAddress, field: string): number {
  return whole(value, field, 1, of.includes(':') ? 128 : 32);
}

export function cidr(text: string, field: string): string {
  if (!parseCidr(text)) throw new Malformed('bad-value', `${field} is not ADDRESS/LENGTH`);
  return text;
}

/** A link-layer address, or nothing where the link has none. */
export function mac(text: string, field: string): string {
  if (!/^([0-9a-f]{2}(:[0-9a-f]{2}){0,31})?$/.test(text)) throw new Malformed('bad-value', `${field} is not a MAC`);
  return text;
}

/** The link-layer address of a host that was seen. */
export function knownMac(text: string, field: string): string {
  if (text === '') throw new Malformed('missing-field', `${field} is empty`);
  return mac(text, field);
}

/** "10.0.0.1:7480", "[2001:db8::1]:7480" or "host-1:7480". */
export function hostPort(text: string, field: string): string {
  const port = /^(?:\[[0-9a-f:.]+\]|[0-9A-Za-z._-]{1,253}):(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new Malformed('bad-value', `${field} is not HOST:PORT`);
  }
  return text;
}

/** Name or address of a server. */
export function host(text: string, field: string): string {
  if (text === '') throw new Malformed('missing-field', `${field} is empty`);
  if (!/^[0-9A-Za-z:._-]{1,253}$/.test(text)) throw new Malformed('bad-value', `${field} is not a host`);
  return text;
}

export const port = (value: number, field: string): number => whole(value, field, 1, 65_535);

/** From the root. */
export function path(text: string, field: string): string {
  if (text === '') throw new Malformed('missing-field', `${field} is empty`);
  if (!prose(text, field).startsWith('/')) throw new Malformed('bad-value', `${field} is not an absolute path`);
  return text;
}

/** A path, or nothing. */
export const optionalPath = (text: string, field: string): string => (text === '' ? '' : path(text, field));

/** The names of codes, for `oneOf`. */
export const codesOf = <T extends string>(codes: Readonly<Record<T, number>>): ReadonlyMap<number, T> =>
  new Map((Object.entries(codes) as [T, number][]).map(([text, code]) => [code, text]));

export const oneOf = <T extends string>(names: ReadonlyMap<number, T>, code: number, field: string): T =>
  present(names.get(code), field);

/** "1:9f31c2aa" */
export function electorate(text: string, field: string): ElectorateName {
  if (text === '') throw new Malformed('missing-field', `${field} is empty`);
  if (!/^[1-9]\d{0,14}:[0-9a-f]{8}$/.test(text)) throw new Malformed('bad-value', `${field} is not an electorate`);
  return text as ElectorateName;
}

/** A name, or nothing. */
export const optionalName = (text: string, field: string): string => (text === '' ? '' : name(text, field));

export function list<T, U>(items: readonly T[], field: string, max: number, read: (item: T) => U): U[] {
  if (items.length > max) throw new Malformed('too-many', `${field} has ${items.length} items, at most ${max}`);
  return items.map(read);
}

/** Items about VIPs, at most one about each: of two about the same address only one could be obeyed. */
export function vipList<T, U extends { readonly vip: VipAddress }>(
  items: readonly T[],
  field: string,
  max: number,
  read: (item: T) => U,
): U[] {
  const seen = new Set<VipAddress>();
  return list(items, field, max, (item) => {
    const result = read(item);
    if (seen.has(result.vip)) throw new Malformed('bad-value', `${field} has ${result.vip} twice`);
    seen.add(result.vip);
    return result;
  });
}
