import type { Clock } from '../../ports/clock.ts';
import { CLAIM_FRAME_BYTES, claimFilter } from './claim-filter.ts';
import type { Link } from './rtnetlink-link.ts';
import { watchReadable } from './signal-io.ts';
import { AF_PACKET, attachFilter, bindSocket, closeSocket, openSocket, receive, setBuffers, setOption } from './sys.ts';
import { SysError } from './sys-error.ts';

const ETH_P_ALL = 0x0003;
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
const RECEIVE_BUFFER_BYTES = 1 << 20;
const SEND_BUFFER_BYTES = 1 << 12;
/** In a storm the rest waits until other work has had its turn. */
const FRAMES_PER_DRAIN = 512;

interface OpenSocket {
  readonly ifindex: number;
  readonly fd: number;
  readonly unwatch: () => void;
}

/**
 * Sockets that see ARP and neighbour discovery on interfaces, one each. They listen to "all protocols", since only
 * such a socket gets a frame before the ingress hook of netfilter does: the host's own fence must not hide an answer.
 */
export class ClaimSockets {
  readonly #sockets = new Map<string, OpenSocket>();
  readonly #buffer = Buffer.alloc(CLAIM_FRAME_BYTES);
  readonly #clock: Clock;
  readonly #onFrame: (name: string, frame: Buffer) => void;
  readonly #filter: Uint8Array;

  /** `onFrame`: the frame is a view, valid during the call. `which`: as for `claimFilter`; default `all`. */
  constructor(clock: Clock, onFrame: (name: string, frame: Buffer) => void, which: 'all' | 'toUs' = 'all') {
    this.#clock = clock;
    this.#onFrame = onFrame;
    this.#filter = claimFilter(which);
  }

  /** Listens on the interface from now on, under its present number. Throws SysError. */
  open(name: string, { ifindex }: Link): void {
    if (this.#sockets.get(name)?.ifindex === ifindex) return;
    this.close(name);
    const fd = listen(ifindex, this.#filter);
    const unwatch = watchReadable(fd, () => this.#drain(name, fd), this.#clock);
    this.#sockets.set(name, { ifindex, fd, unwatch });
  }

  close(name: string): void {
    const socket = this.#sockets.get(name);
    if (!socket) return;
    this.#sockets.delete(name);
    socket.unwatch();
    closeSocket(socket.fd);
  }

  closeAll(): void {
    for (const name of this.#sockets.keys()) this.close(name);
  }

  /** Reads what is queued now. */
  drain(): void {
    for (const [name, { fd }] of this.#sockets) this.#drain(name, fd);
  }

  #drain(name: string, fd: number): void {
    for (let frames = 0; frames < FRAMES_PER_DRAIN; frames++) {
      // A frame may have led to the end of this socket.
      if (this.#sockets.get(name)?.fd !== fd) return;
      const length = this.#receive(fd);
      if (length === undefined) return;
      this.#onFrame(name, this.#buffer.subarray(0, Math.min(length, CLAIM_FRAME_BYTES)));
    }
    this.#clock.after(0, () => this.#drain(name, fd));
  }

  #receive(fd: number): number | undefined {
    try {
      return receive(fd, this.#buffer);
    } catch (error) {
      // ENETDOWN: the link was switched off. The socket listens again by itself when it is on.
      if (error instanceof SysError) return undefined;
      throw error;
    }
  }
}

function listen(ifindex: number, filter: Uint8Array): number {
  const fd = openSocket(AF_PACKET, 0);
  try {
    // First of all, so that nothing else is ever queued.
    attachFilter(fd, filter);
    setBuffers(fd, RECEIVE_BUFFER_BYTES, SEND_BUFFER_BYTES);
    ignoreOutgoing(fd);
    const address = Buffer.alloc(20);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16BE(ETH_P_ALL, 2);
    address.writeInt32LE(ifindex, 4);
    bindSocket(fd, address);
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  return fd;
}

/** Spares what the host sends the way through the filter, which would drop it (Linux 4.20). */
function ignoreOutgoing(fd: number): void {
  try {
    setOption(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}
