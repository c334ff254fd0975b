import { constants } from 'node:os';
import {
  errorOf,
  messagesOf,
  type NetlinkMessage,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  stamp,
} from './netlink-message.ts';
import { AF_NETLINK, bindSocket, closeSocket, openSocket, receive, send, setBuffers, setOption } from './sys.ts';
import { errnoName, SysError } from './sys-error.ts';

const NETLINK_ROUTE = 0;
/** Family of the netfilter subsystems (nf_tables). */
export const NETLINK_NETFILTER = 12;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
/** More than the kernel ever puts into one datagram that we ask for. */
const DATAGRAM_BYTES = 1 << 16;
const SEND_BUFFER_BYTES = 8 << 20;
/** Requests are packed into datagrams of up to this size. */
const BATCH_BYTES = 60_000;
const DUMP_TRIES = 50;

export interface BatchFailure {
  /** Position of the request that failed. */
  readonly index: number;
  /** "EEXIST" */
  readonly code: string;
}

export type Received =
  | { readonly kind: 'messages'; readonly messages: Iterable<NetlinkMessage> }
  | { readonly kind: 'empty' }
  /** Messages were lost since the last read. */
  | { readonly kind: 'overflow' };

/** The system calls under a NetlinkSocket. */
export interface DatagramSocket {
  readonly fd: number;
  send(datagram: Uint8Array): void;
  /** Length of the next datagram, undefined where there is none; as in sys.ts. */
  receive(buffer: Uint8Array): number | undefined;
  close(): void;
}

/** A netlink socket: rtnetlink or nfnetlink. The kernel works a request off inside send(), so every answer is queued when that returns. */
export class NetlinkSocket {
  readonly #socket: DatagramSocket;
  readonly #buffer = Buffer.alloc(DATAGRAM_BYTES);
  #sequence = 1;

  constructor(socket: DatagramSocket) {
    this.#socket = socket;
  }

  /** Throws SysError. `groups`: RTNLGRP_* multicast groups to listen to. */
  static open(groups: readonly number[], receiveBufferBytes: number, protocol: number = NETLINK_ROUTE): NetlinkSocket {
    const fd = openSocket(AF_NETLINK, protocol);
    try {
      const address = Buffer.alloc(12);
      address.writeUInt16LE(AF_NETLINK, 0);
      bindSocket(fd, address);
      setBuffers(fd, receiveBufferBytes, SEND_BUFFER_BYTES);
      setOption(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
      for (const group of groups) setOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    } catch (error) {
      closeSocket(fd);
      throw error;
    }
    return new NetlinkSocket({
      fd,
      send: (datagram) => send(fd, datagram),
      receive: (buffer) => receive(fd, buffer),
      close: () => closeSocket(fd),
    });
  }

  get fd(): number {
    return this.#socket.fd;
  }

  /** The messages are views: use them before the next call. */
  receive(): Received {
    let length: number | undefined;
    try {
      length = this.#socket.receive(this.#buffer);
    } catch (error) {
      if (error instanceof SysError && error.code === 'ENOBUFS') return { kind: 'overflow' };
      throw error;
    }
    if (length === undefined) return { kind: 'empty' };
    if (length > this.#buffer.length) return { kind: 'overflow' };
    return { kind: 'messages', messages: messagesOf(this.#buffer.subarray(0, length)) };
  }

  /** Carries out all requests in order, each on its own: one that fails does not stop the others. */
  batch(requests: readonly Buffer[]): BatchFailure[] {
    const failures: BatchFailure[] = [];
    for (let first = 0; first < requests.length;) {
      let end = first;
      let bytes = 0;
      for (let next = requests[end]; next && (end === first || bytes + next.length <= BATCH_BYTES);) {
        bytes += next.length;
        next = requests[++end];
      }
      for (const { index, code } of this.#exchange(requests.slice(first, end))) {
        failures.push({ index: first + index, code });
      }
      first = end;
    }
    return failures;
  }

  /**
   * An nfnetlink batch: one datagram that is carried out as a whole or, with a failure, not at all. Its first and last
   * request frame it. Throws SysError where the kernel cannot even take it.
   */
  transaction(requests: readonly Buffer[]): BatchFailure[] {
    const base = this.#number(requests.length);
    const last = base + requests.length - 1;
    // Not every kernel acknowledges the end of the frame, so the request before it asks.
    for (const [index, request] of requests.entries()) stamp(request, base + index, base + index === last - 1);
    this.#socket.send(Buffer.concat(requests));
    const failures: BatchFailure[] = [];
    let acknowledged = false;
    for (;;) {
      const received = this.receive();
      if (received.kind === 'overflow') throw new SysError('netlink transaction', constants.errno.ENOBUFS);
      if (received.kind === 'empty') break;
      for (const message of received.messages) {
        if (message.type !== NLMSG_ERROR || message.sequence < base || message.sequence > last) continue;
        const errno = errorOf(message);
        if (errno !== 0) failures.push({ index: message.sequence - base, code: errnoName(errno) });
        else acknowledged = true;
      }
    }
    if (failures.length === 0 && !acknowledged) throw new SysError('netlink transaction', constants.errno.EIO);
    return failures;
  }

  /** What the kernel answers to one request that is no dump, as decoded by `decode`. Throws SysError. */
  ask<T>(request: Buffer, decode: (message: NetlinkMessage) => T | undefined): T | undefined {
    const sequence = this.#number(1);
    stamp(request, sequence, true);
    this.#socket.send(request);
    let found: T | undefined;
    for (;;) {
      for (const message of this.#answers('answer')) {
        if (message.sequence !== sequence) continue;
        if (message.type !== NLMSG_ERROR) {
          found ??= decode(message);
          continue;
        }
        const errno = errorOf(message);
        if (errno !== 0) throw new SysError('netlink request', errno);
        return found;
      }
    }
  }

  /** One datagram of requests. Only the last one asks for an acknowledgement; failures answer anyway. */
  #exchange(requests: readonly Buffer[]): BatchFailure[] {
    const base = this.#number(requests.length);
    const last = base + requests.length - 1;
    for (const [index, request] of requests.entries()) stamp(request, base + index, base + index === last);
    this.#socket.send(Buffer.concat(requests));
    const failures: BatchFailure[] = [];
    for (;;) {
      for (const message of this.#answers('acknowledgement')) {
        if (message.type !== NLMSG_ERROR || message.sequence < base || message.sequence > last) continue;
        const errno = errorOf(message);
        if (errno !== 0) failures.push({ index: message.sequence - base, code: errnoName(errno) });
        if (message.sequence === last) return failures;
      }
    }
  }

  /** Every object of a kind, as decoded by `decode`; asked again where it changed meanwhile. Throws SysError. */
  dump<T>(request: Buffer, decode: (message: NetlinkMessage) => T | undefined): T[] {
    for (let tries = 1; ; tries++) {
      const { found, interrupted } = this.#dumpOnce(request, decode);
      // On a host whose interfaces never come to rest, the last picture is better than none.
      if (!interrupted || tries === DUMP_TRIES) return found;
    }
  }

  #dumpOnce<T>(
    request: Buffer,
    decode: (message: NetlinkMessage) => T | undefined,
  ): { found: T[]; interrupted: boolean } {
    const sequence = this.#number(1);
    stamp(request, sequence, false);
    this.#socket.send(request);
    const found: T[] = [];
    let interrupted = false;
    for (;;) {
      for (const message of this.#answers('dump')) {
        if (message.sequence !== sequence) continue;
        if ((message.flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
        if (message.type === NLMSG_DONE) return { found, interrupted };
        if (message.type === NLMSG_ERROR) throw new SysError('netlink dump', errorOf(message));
        const item = decode(message);
        if (item !== undefined) found.push(item);
      }
    }
  }

  /**
   * A dump as it comes: each step reads one datagram and yields its messages, which are views until the next step. The
   * kernel goes on with the dump as far as it is read, so a step is short however much there is. Throws SysError.
   */
  *parts(request: Buffer): Generator<readonly NetlinkMessage[], void> {
    const sequence = this.#number(1);
    stamp(request, sequence, false);
    this.#socket.send(request);
    for (;;) {
      const found: NetlinkMessage[] = [];
      for (const message of this.#answers('dump')) {
        if (message.sequence !== sequence) continue;
        if (message.type === NLMSG_ERROR) throw new SysError('netlink dump', errorOf(message));
        if (message.type === NLMSG_DONE) {
          yield found;
          return;
        }
        found.push(message);
      }
      yield found;
    }
  }

  #answers(wanted: string): Iterable<NetlinkMessage> {
    const received = this.receive();
    switch (received.kind) {
      case 'messages':
        return received.messages;
      case 'empty':
        throw new SysError(`netlink ${wanted}`, constants.errno.EIO);
      case 'overflow':
        throw new SysError(`netlink ${wanted}`, constants.errno.ENOBUFS);
    }
  }

  #number(count: number): number {
    if (this.#sequence + count > 0xffff_ffff) this.#sequence = 1;
    const first = this.#sequence;
    this.#sequence += count;
    return first;
  }

  close(): void {
    this.#socket.close();
  }
}
