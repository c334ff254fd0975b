import { formatIp, parseIp } from '../../core/ip.ts';
import type { Neighbours, Reach } from '../../core/neighbours.ts';
import * as wire from '../../gen/vippool/v1/agent.ts';
import { Malformed } from './decoded.ts';
import { codesOf, interfaceName, list, oneOf } from './field-checks.ts';

/** A host has at most so many service interfaces, and on each of them neighbours of either kind. */
export const MAX_INTERFACES = 256;
const MAX_NEIGHBOURS = 16;
/** Over all interfaces. */
const MAX_ANSWERING = 1_024;

const STATES = {
  Alone: wire.ReachState.ALONE,
  Unknown: wire.ReachState.UNKNOWN,
  Answered: wire.ReachState.ANSWERED,
  Suspect: wire.ReachState.SUSPECT,
  Silent: wire.ReachState.SILENT,
} as const;
const STATE_NAMES = codesOf(STATES);

export const reachToWire = ({ interface: name, state }: Reach): wire.Reach => ({
  interface: name,
  state: STATES[state],
});

export const readReach = (reach: readonly wire.Reach[]): Reach[] =>
  perInterface(reach, 'reach', ({ interface: name, state }) => ({
    interface: interfaceName(name, 'reach.interface'),
    state: oneOf(STATE_NAMES, state, 'reach.state'),
  }));

export const readNeighbours = (neighbours: readonly wire.Neighbours[]): Neighbours[] =>
  perInterface(neighbours, 'neighbours', ({ interface: name, peers, watched }) => ({
    interface: interfaceName(name, 'neighbours.interface'),
    peers: readAddresses(peers, 'neighbours.peers', MAX_NEIGHBOURS),
    watched: readAddresses(watched, 'neighbours.watched', MAX_NEIGHBOURS),
  }));

export const readAddresses = (addresses: readonly string[], field: string, max = MAX_ANSWERING): string[] =>
  list(addresses, field, max, (text) => {
    const ip = parseIp(text);
    if (!ip) throw new Malformed('bad-value', `${field} has an entry that is no address`);
    return formatIp(ip);
  });

function perInterface<T, U extends { readonly interface: string }>(
  items: readonly T[],
  field: string,
  read: (item: T) => U,
): U[] {
  const found = list(items, field, MAX_INTERFACES, read);
  if (new Set(found.map((item) => item.interface)).size < found.length) {
    throw new Malformed('bad-value', `${field} has one interface twice`);
  }
  return found;
}
