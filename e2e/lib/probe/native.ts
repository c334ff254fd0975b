/** The libc calls of the probes that the product itself does not need. None of them blocks. Throw SysError. */
import koffi from 'koffi';
import { SysError } from '../../../src/adapters/linux/sys-error.ts';

const libc = koffi.load(null);
const socketCall = libc.func('int socket(int, int, int)');
const setsockoptCall = libc.func('int setsockopt(int, int, int, void*, uint32_t)');
const setnsCall = libc.func('int setns(int, int)');
const pollCall = libc.func('int poll(void*, unsigned long, int)');
export const sendmmsgCall = libc.func('int sendmmsg(int, void*, unsigned int, int)');
export const recvmmsgCall = libc.func('int recvmmsg(int, void*, unsigned int, int, void*)');

export const AF_INET = 2;
export const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const CLONE_NEWNET = 0x40000000;
const POLLIN = 1;

const checked = (call: string, result: number): number => {
  if (result < 0) throw new SysError(call, koffi.errno());
  return result;
};

/** A non-blocking UDP socket. */
export const openDatagramSocket = (family: number): number =>
  checked('socket', socketCall(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));

export const setOptionBytes = (fd: number, level: number, name: number, value: Uint8Array): void => {
  checked('setsockopt', setsockoptCall(fd, level, name, value, value.length));
};

/** Moves the main thread, and what it opens from now on, into a network namespace. */
export const enterNetwork = (namespaceFd: number): void => {
  checked('setns', setnsCall(namespaceFd, CLONE_NEWNET));
};

/** Which of a fixed list of sockets have something to read, by one call. */
export function readablePoller(fds: readonly number[]): () => number[] {
  // struct pollfd { int fd; short events; short revents; }
  const entries = Buffer.alloc(8 * fds.length);
  for (const [index, fd] of fds.entries()) {
    entries.writeInt32LE(fd, 8 * index);
    entries.writeInt16LE(POLLIN, 8 * index + 4);
  }
  return () => {
    if (fds.length === 0 || pollCall(entries, fds.length, 0) <= 0) return [];
    return fds.filter((_, index) => entries.readInt16LE(8 * index + 6) !== 0);
  };
}
