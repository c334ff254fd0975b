import { AF_PACKET, bindSocket, closeSocket, openSocket, send, setOption } from './sys.ts';
import { SysError } from './sys-error.ts';

const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SEND_BUFFER_BYTES = 8 << 20;

interface OpenSocket {
  readonly ifindex: number;
  readonly fd: number;
}

/**
 * Sockets that send whole Ethernet frames, one per interface, opened when first needed and kept: closing one costs the
 * kernel a grace period of 10 to 20 ms.
 */
export class PacketSockets {
  readonly #sockets = new Map<string, OpenSocket>();

  /** Sends the frames and returns the error code of each one that did not go out. */
  send(name: string, ifindex: number, frames: readonly Uint8Array[]): string[] {
    return frames.flatMap((frame) => {
      try {
        send(this.#socket(name, ifindex), frame);
        return [];
      } catch (error) {
        if (error instanceof SysError) return [error.code];
        throw error;
      }
    });
  }

  #socket(name: string, ifindex: number): number {
    const existing = this.#sockets.get(name);
    if (existing?.ifindex === ifindex) return existing.fd;
    if (existing) {
      this.#sockets.delete(name);
      closeSocket(existing.fd);
    }
    const fd = open(ifindex);
    this.#sockets.set(name, { ifindex, fd });
    return fd;
  }

  close(): void {
    for (const { fd } of this.#sockets.values()) closeSocket(fd);
    this.#sockets.clear();
  }
}

/** Protocol 0: the socket only sends, so nothing that arrives is copied to it. */
function open(ifindex: number): number {
  const fd = openSocket(AF_PACKET, 0);
  try {
    const address = Buffer.alloc(20);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeInt32LE(ifindex, 4);
    bindSocket(fd, address);
    setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER_BYTES);
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  return fd;
}
