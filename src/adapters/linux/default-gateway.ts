import type { Family } from '../../core/ip.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { type DefaultRoute, decodeDefaultRoute, encodeRouteDump } from './rtnetlink-route.ts';
import { setOption } from './sys.ts';
import { SysError } from './sys-error.ts';

const SOL_NETLINK = 270;
const NETLINK_GET_STRICT_CHK = 12;
const BUFFER_BYTES = 1 << 20;

/** Reads the default routes of the host. Opens its socket with the first question. */
export class DefaultRoutes {
  #socket: NetlinkSocket | undefined;

  /** IPv4 before IPv6, then the main table, then by metric. Throws SysError. */
  read(): DefaultRoute[] {
    this.#socket ??= open();
    return [...this.#read(4), ...this.#read(6)];
  }

  #read(family: Family): DefaultRoute[] {
    try {
      const routes = this.#socket?.dump(encodeRouteDump(family), decodeDefaultRoute).flat() ?? [];
      return routes.sort((a, b) => Number(b.main) - Number(a.main) || a.metric - b.metric);
    } catch (error) {
      // A kernel without this family, or without a table of it.
      if (error instanceof SysError && (error.code === 'EOPNOTSUPP' || error.code === 'ENOENT')) return [];
      throw error;
    }
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

function open(): NetlinkSocket {
  const socket = NetlinkSocket.open([], BUFFER_BYTES);
  try {
    setOption(socket.fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
  } catch (error) {
    // Before Linux 4.20 all routes come, which is slower and no more.
    if (!(error instanceof SysError)) throw error;
  }
  return socket;
}

/** The first that leaves by one of the interfaces, else the first of the host. */
export const defaultRouteOf = (
  routes: readonly DefaultRoute[],
  ifindexes: readonly number[],
): DefaultRoute | undefined => routes.find((route) => ifindexes.includes(route.ifindex)) ?? routes[0];
