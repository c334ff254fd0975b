/** Where a probe connects to, and in plain words why it could not. */
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { coalesced } from './coalesced.ts';

export interface Endpoint {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
}

/** "192.0.2.1:80", "[2001:db8::1]:80" */
export const endpointText = ({ host, port }: Endpoint): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;

const addressesOf = coalesced((host) => lookup(host, { all: true }));

/** For `net.connect`: as the system looks names up, but never twice at once for one name. */
export const lookupAll: LookupFunction = (host, options, callback) => void answer(host, options, callback);

const answer = async (...[host, { all, family }, callback]: Parameters<LookupFunction>): Promise<void> => {
  let found: LookupAddress[];
  try {
    found = await addressesOf(host);
  } catch (error) {
    callback(error as NodeJS.ErrnoException, '');
    return;
  }
  const fitting = found.filter((item) => (family !== 4 && family !== 6) || item.family === family);
  const [first] = fitting;
  if (!first) callback(Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND' }), '');
  else if (all) callback(null, fitting);
  else callback(null, first.address, first.family);
};

/** What a failed connection means; undefined where the error is of another kind. */
export function whyNotConnected(error: unknown, endpoint: Endpoint): string | undefined {
  const to = endpointText(endpoint);
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return `${to} refuses connections: nothing listens there`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${to} reset the connection`;
    case 'ETIMEDOUT':
      return `${to} does not answer: the kernel gave up`;
    case 'EHOSTUNREACH':
      return `${to} is unreachable: no host has this address, or a router says so`;
    case 'ENETUNREACH':
      return `${to} is unreachable: this host has no route to it`;
    case 'EACCES':
    case 'EPERM':
      return `${to} may not be reached: a packet filter of this host forbids it`;
    case 'EADDRNOTAVAIL':
      return `no local address or port for a connection to ${to}`;
    case 'EMFILE':
    case 'ENFILE':
      return `no connection to ${to}: too many open files`;
    case 'ENOTFOUND':
      return `the name ${endpoint.host} is not known`;
    case 'EAI_AGAIN':
      return `no name server answers for ${endpoint.host}`;
    default:
      return undefined;
  }
}

/** "ECONNREFUSED"; empty text where the error has no code. */
export const codeOf = (error: unknown): string => textOf(error, 'code');

/** What an error says, of whatever kind it is. OpenSSL puts file names and numbers around its reason. */
export const messageOf = (error: unknown): string =>
  textOf(error, 'reason') || textOf(error, 'message') || String(error);

/** A property of an error; empty text where it has none of this name that is a text. */
function textOf(error: unknown, name: 'code' | 'reason' | 'message'): string {
  const text = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
  return typeof text === 'string' ? text : '';
}
