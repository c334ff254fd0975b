import { constants } from 'node:os';
import koffi from 'koffi';
import { recvmmsgCall, sendmmsgCall } from './native.ts';

const MSG_DONTWAIT = 0x40;
const NAME_BYTES = 32;
/** struct iovec, and struct mmsghdr with its struct msghdr: the layout of 64 bit little-endian Linux. */
const IOVEC_BYTES = 16;
const HEADER_BYTES = 64;
const AT = { name: 0, nameLength: 8, iovec: 16, iovecCount: 24, control: 32, controlLength: 40, flags: 48, length: 56 };
/** The interface is down or gone: nothing of the batch can be sent. */
const HOPELESS = new Set([constants.errno.ENETDOWN, constants.errno.ENXIO, constants.errno.ENODEV]);

export interface BatchSizes {
  readonly messages: number;
  readonly dataBytes: number;
  /** For ancillary data; default 0. */
  readonly controlBytes?: number;
}

/**
 * Datagrams in native memory, received and sent many at a time (recvmmsg, sendmmsg): at some thousand datagrams a
 * second the calls, not the bytes, are what costs.
 */
export class MessageBatch {
  readonly capacity: number;
  readonly #sizes: Required<BatchSizes>;
  readonly #memory: unknown;
  readonly #address: bigint;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #iovecs: number;
  readonly #names: number;
  readonly #data: number;

  constructor(sizes: BatchSizes) {
    const { messages, dataBytes, controlBytes } = (this.#sizes = { controlBytes: 0, ...sizes });
    this.capacity = messages;
    this.#iovecs = messages * HEADER_BYTES;
    this.#names = this.#iovecs + messages * IOVEC_BYTES;
    const controls = this.#names + messages * NAME_BYTES;
    this.#data = controls + messages * controlBytes;
    const total = this.#data + messages * dataBytes;
    this.#memory = koffi.alloc('uint8_t', total);
    this.#address = koffi.address(this.#memory);
    const whole = koffi.view(this.#memory, total);
    this.#bytes = Buffer.from(whole);
    this.#bytes.fill(0);
    this.#view = new DataView(whole);
    for (let index = 0; index < messages; index++) {
      const header = index * HEADER_BYTES;
      const iovec = this.#iovecs + index * IOVEC_BYTES;
      this.#pointer(header + AT.name, this.#names + index * NAME_BYTES);
      this.#pointer(header + AT.iovec, iovec);
      this.#view.setUint32(header + AT.iovecCount, 1, true);
      if (controlBytes > 0) this.#pointer(header + AT.control, controls + index * controlBytes);
      this.#pointer(iovec, this.#data + index * dataBytes);
    }
  }

  #pointer(at: number, target: number): void {
    this.#view.setBigUint64(at, this.#address + BigInt(target), true);
  }

  /** The whole room for the data of a message. */
  data(index: number): Buffer {
    const start = this.#data + index * this.#sizes.dataBytes;
    return this.#bytes.subarray(start, start + this.#sizes.dataBytes);
  }

  /** Bytes received into a message. */
  length(index: number): number {
    return this.#view.getUint32(index * HEADER_BYTES + AT.length, true);
  }

  /** How much of `data(index)` is to be sent. */
  setLength(index: number, bytes: number): void {
    this.#view.setUint32(this.#iovecs + index * IOVEC_BYTES + 8, bytes, true);
  }

  /** The peer's socket address, as the kernel writes it. */
  peer(index: number): Buffer {
    const start = this.#names + index * NAME_BYTES;
    return this.#bytes.subarray(start, start + NAME_BYTES);
  }

  /** Sets the destination; none for a socket that is bound to where it sends. */
  setPeer(index: number, address: Uint8Array): void {
    this.peer(index).set(address);
    this.#view.setUint32(index * HEADER_BYTES + AT.nameLength, address.length, true);
  }

  /** Reads what is queued, up to `capacity` messages; the number read. Errors of the socket count as nothing queued. */
  receive(fd: number): number {
    const { dataBytes, controlBytes } = this.#sizes;
    for (let index = 0; index < this.capacity; index++) {
      const header = index * HEADER_BYTES;
      this.#view.setUint32(header + AT.nameLength, NAME_BYTES, true);
      this.#view.setUint32(header + AT.controlLength, controlBytes, true);
      this.#view.setUint32(header + AT.flags, 0, true);
      this.setLength(index, dataBytes);
    }
    const received: number = recvmmsgCall(fd, this.#memory, this.capacity, MSG_DONTWAIT, null);
    return Math.max(0, received);
  }

  /** Sends one message; false where that failed. */
  sendOne(fd: number, index: number): boolean {
    const sent: number = sendmmsgCall(fd, this.#address + BigInt(index * HEADER_BYTES), 1, MSG_DONTWAIT);
    return sent === 1;
  }

  /** Sends the first `count` messages, each on its own: one that fails does not stop the others. The number sent. */
  send(fd: number, count: number): number {
    let sent = 0;
    for (let next = 0; next < count;) {
      const first = this.#address + BigInt(next * HEADER_BYTES);
      const done: number = sendmmsgCall(fd, first, count - next, MSG_DONTWAIT);
      if (done > 0) {
        sent += done;
        next += done;
      } else if (HOPELESS.has(koffi.errno())) {
        return sent;
      } else {
        next++;
      }
    }
    return sent;
  }
}
