import type { HostLock } from '../../ports/host-lock.ts';
import { bindSocket, closeSocket, openSocket } from './sys.ts';
import { SysError, toOpError } from './sys-error.ts';

const AF_UNIX = 1;
/** struct sockaddr_un: the family, then up to 108 bytes of a name. */
const MAX_NAME_BYTES = 107;

/**
 * Takes the lock of this name, of which there is one per network namespace, that is, one per host for what manages its
 * addresses. It is a bound abstract unix socket (unix(7)): the kernel frees it when the process ends, however it ends,
 * it leaves no file behind, children do not inherit it, and it does not keep the event loop alive.
 *
 * Throws OpError where the kernel refuses for another reason than that the name is taken.
 */
export function acquireHostLock(name: string): HostLock {
  const bytes = Buffer.from(name);
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES) throw new RangeError(`not a lock name: "${name}"`);
  const address = Buffer.alloc(3 + bytes.length);
  address.writeUInt16LE(AF_UNIX, 0);
  address.set(bytes, 3);
  let fd: number | undefined;
  try {
    fd = openSocket(AF_UNIX, 0);
    bindSocket(fd, address);
  } catch (error) {
    if (fd !== undefined) closeSocket(fd);
    if (error instanceof SysError && error.code === 'EADDRINUSE') return { kind: 'refused', reason: refusal(name) };
    throw toOpError(error, `taking the lock @${name}`);
  }
  return { kind: 'acquired', release: releaseOnce(fd) };
}

const refusal = (name: string): string =>
  `another agent runs on this host: it holds the abstract socket @${name} of this network namespace ` +
  `(to find it, run as root: ss -xapH | grep ${name})`;

function releaseOnce(fd: number): () => void {
  let held = true;
  return () => {
    if (held) closeSocket(fd);
    held = false;
  };
}
