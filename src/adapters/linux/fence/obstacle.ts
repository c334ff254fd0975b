import { OpError } from '../../../core/op-error.ts';
import { SysError, toOpError } from '../sys-error.ts';
import { RefusedChange } from './nft-session.ts';

const NO_NF_TABLES = new Set(['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EINVAL', 'EOPNOTSUPP', 'ENOENT']);

export const loopbackIsDown = (port: number): string =>
  `127.0.0.1 cannot be reached on port ${port}: the loopback interface is down (ip link set lo up)`;

/** Why this host cannot have a fence, for an administrator; undefined where the error is no such reason. */
export function obstacleOf(error: unknown, port: number): string | undefined {
  if (!(error instanceof SysError || error instanceof RefusedChange)) return undefined;
  switch (error.code) {
    case 'EPERM':
    case 'EACCES':
      return 'not permitted: give the agent CAP_NET_ADMIN and CAP_NET_BIND_SERVICE, and no seccomp profile that forbids netlink';
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return loopbackIsDown(port);
  }
  if (!NO_NF_TABLES.has(error.code)) return undefined;
  return `the kernel lacks what the fence needs (${error.code}): Linux 5.16 or later with CONFIG_NF_TABLES_NETDEV and CONFIG_NETFILTER_EGRESS; try "modprobe nf_tables"`;
}

/** What goes beyond this adapter. */
export function toFenceError(error: unknown, doing: string): unknown {
  if (!(error instanceof RefusedChange)) return toOpError(error, doing);
  if (error.code === 'EPERM') {
    const message = `${doing}: the table belongs to another process, or CAP_NET_ADMIN is missing`;
    return new OpError('PermissionDenied', message, { cause: error });
  }
  return new OpError('Internal', `${doing}: ${error.message}`, { cause: error });
}
