import { readFileSync } from 'node:fs';
import { encodeConntrackDump, encodeDeleteOf } from './conntrack.ts';
import type { NetlinkMessage } from './netlink-message.ts';
import { NETLINK_NETFILTER, NetlinkSocket } from './netlink-socket.ts';
import { AF_INET, AF_INET6, encodeDestroyOf, encodeTcpDump, NETLINK_SOCK_DIAG } from './socket-diag.ts';
import { SysError } from './sys-error.ts';

const RECEIVE_BUFFER_BYTES = 1 << 20;
const TRACKED_CONNECTIONS = '/proc/sys/net/netfilter/nf_conntrack_count';

/** Bytes of addresses as Latin-1 text: whose connections end. May change while the work goes on. */
export type Victims = ReadonlySet<string>;

export interface PurgeCounts {
  tracked: number;
  sockets: number;
}

/**
 * Ends the connections of these addresses, in steps of well below a millisecond; `counts` grows with them. A kernel
 * without the means ends none. Never throws SysError.
 */
export function* purge(victims: Victims, counts: PurgeCounts): Generator<void, void> {
  for (const family of [AF_INET, AF_INET6]) {
    for (const ended of sweep(NETLINK_SOCK_DIAG, encodeTcpDump(family), (message) =>
      encodeDestroyOf(message, victims),
    )) {
      counts.sockets += ended;
      yield;
    }
  }
  // Asking loads the kernel module where it is not there yet; without it there is nothing to end either.
  if (!hasTrackedConnections()) return;
  for (const ended of sweep(NETLINK_NETFILTER, encodeConntrackDump(), (message) => encodeDeleteOf(message, victims))) {
    counts.tracked += ended;
    yield;
  }
}

/** Carries out what `requestFor` makes of each message of a dump; yields how many succeeded, part by part. */
function* sweep(
  protocol: number,
  dump: Buffer,
  requestFor: (message: NetlinkMessage) => Buffer | undefined,
): Generator<number, void> {
  let reading: NetlinkSocket | undefined;
  let ending: NetlinkSocket | undefined;
  try {
    reading = NetlinkSocket.open([], RECEIVE_BUFFER_BYTES, protocol);
    ending = NetlinkSocket.open([], RECEIVE_BUFFER_BYTES, protocol);
    for (const messages of reading.parts(dump)) {
      const requests = messages.flatMap((message) => requestFor(message) ?? []);
      yield requests.length - ending.batch(requests).length;
    }
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  } finally {
    reading?.close();
    ending?.close();
  }
}

function hasTrackedConnections(): boolean {
  try {
    return Number(readFileSync(TRACKED_CONNECTIONS, 'latin1')) > 0;
  } catch {
    return false;
  }
}
