/**
 * The few libc calls this adapter is made of. None of them ever blocks: sockets are non-blocking, and rtnetlink does
 * its work inside send().
 */
import { constants } from 'node:os';
import koffi from 'koffi';
import { SysError } from './sys-error.ts';

// The process itself: no libc file name, so glibc and musl alike.
const libc = koffi.load(null);
const socketCall = libc.func('int socket(int, int, int)');
const bindCall = libc.func('int bind(int, void*, uint32_t)');
const closeCall = libc.func('int close(int)');
const setsockoptCall = libc.func('int setsockopt(int, int, int, void*, uint32_t)');
// struct sock_fprog: a classic BPF program, 8 bytes per instruction.
const filterProgram = koffi.struct({ len: 'uint16_t', filter: 'void*' });
const filterPointer = koffi.pointer(filterProgram);
const setFilterCall = libc.func('setsockopt', 'int', ['int', 'int', 'int', filterPointer, 'uint32_t']);
const fcntlCall = libc.func('int fcntl(int, int, int)');
const sendCall = libc.func('intptr_t send(int, void*, size_t, int)');
const connectCall = libc.func('int connect(int, void*, uint32_t)');
const interfaceIndexCall = libc.func('unsigned int if_nametoindex(str)');
const clockResolutionCall = libc.func('int clock_getres(int, void*)');
const recvCall = libc.func('intptr_t recv(int, void*, size_t, int)');

export const AF_INET = 2;
export const AF_UNIX = 1;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
export const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const CLOCK_MONOTONIC_COARSE = 6;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const O_ASYNC = 0o20000;

const checked = (call: string, result: number): number => {
  if (result < 0) throw new SysError(call, koffi.errno());
  return result;
};

/** A non-blocking socket, raw by default. Throws SysError, as all functions here. */
export const openSocket = (domain: number, protocol: number, type: number = SOCK_RAW): number =>
  checked('socket', socketCall(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));

export const connectSocket = (fd: number, address: Uint8Array): void => {
  checked('connect', connectCall(fd, address, address.length));
};

/** Number of an interface; undefined where there is none of this name. */
export const interfaceIndex = (name: string): number | undefined => {
  const index: number = interfaceIndexCall(name);
  return index === 0 ? undefined : index;
};

/** Length of the kernel's tick in ms (1000 / CONFIG_HZ): the steps of its coarse clock. */
export function jiffyMs(): number {
  const time = Buffer.alloc(16);
  checked('clock_getres', clockResolutionCall(CLOCK_MONOTONIC_COARSE, time));
  return Number(time.readBigInt64LE(0)) * 1_000 + Number(time.readBigInt64LE(8)) / 1e6;
}

export const bindSocket = (fd: number, address: Uint8Array): void => {
  checked('bind', bindCall(fd, address, address.length));
};

export const closeSocket = (fd: number): void => {
  checked('close', closeCall(fd));
};

/** Sets an option whose value is an int. */
export function setOption(fd: number, level: number, name: number, value: number): void {
  checked('setsockopt', setsockoptCall(fd, level, name, Buffer.from(Int32Array.of(value).buffer), 4));
}

/** From now on the kernel queues only what this classic BPF program (struct sock_filter, 8 bytes each) lets pass. */
export function attachFilter(fd: number, program: Uint8Array): void {
  const filter = { len: program.length / 8, filter: program };
  checked('setsockopt', setFilterCall(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, koffi.sizeof(filterProgram)));
}

/** Sizes of the kernel's queues of this socket, beyond the limits of the host (needs CAP_NET_ADMIN). */
export function setBuffers(fd: number, receiveBytes: number, sendBytes: number): void {
  setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBytes);
  setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, sendBytes);
}

export const send = (fd: number, data: Uint8Array): void => {
  checked('send', sendCall(fd, data, data.length, MSG_DONTWAIT));
};

/**
 * Reads one datagram into `buffer` and returns its true length, which is more than fits where it was cut off;
 * undefined where nothing is queued.
 */
export function receive(fd: number, buffer: Uint8Array): number | undefined {
  for (;;) {
    const length: number = recvCall(fd, buffer, buffer.length, MSG_DONTWAIT | MSG_TRUNC);
    if (length >= 0) return length;
    const errno = koffi.errno();
    if (errno === constants.errno.EAGAIN) return undefined;
    if (errno !== constants.errno.EINTR) throw new SysError('recv', errno);
  }
}

/** From now on (or no longer) the kernel sends SIGIO to this process when there is something to read. */
export function setSignalDriven(fd: number, on: boolean): void {
  if (on) checked('fcntl(F_SETOWN)', fcntlCall(fd, F_SETOWN, process.pid));
  const flags = checked('fcntl(F_GETFL)', fcntlCall(fd, F_GETFL, 0));
  checked('fcntl(F_SETFL)', fcntlCall(fd, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC));
}
