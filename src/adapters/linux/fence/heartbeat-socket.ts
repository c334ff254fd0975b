import { AF_INET, bindSocket, closeSocket, connectSocket, openSocket, send, SOCK_DGRAM } from '../sys.ts';
import { type DatagramKind, encodeDatagram } from './datagram.ts';

const LOOPBACK = [127, 0, 0, 1] as const;

/**
 * Sends to the kernel's rules on the loopback interface; they consume what they understand. It is bound to a port below
 * 1024, so while it is open nobody, and afterwards no unprivileged process, can say the same.
 */
export class HeartbeatSocket {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Throws SysError: EADDRINUSE where another process has the port, EACCES without CAP_NET_BIND_SERVICE. */
  static open(port: number): HeartbeatSocket {
    const fd = openSocket(AF_INET, 0, SOCK_DGRAM);
    try {
      const address = Buffer.alloc(16);
      address.writeUInt16LE(AF_INET, 0);
      address.writeUInt16BE(port, 2);
      address.set(LOOPBACK, 4);
      bindSocket(fd, address);
      connectSocket(fd, address);
    } catch (error) {
      closeSocket(fd);
      throw error;
    }
    return new HeartbeatSocket(fd);
  }

  /** The rules have run when this returns. Throws SysError: ENETUNREACH where the loopback interface is down. */
  send(kind: DatagramKind, fenceClass: number, step = 0): void {
    send(this.#fd, encodeDatagram(kind, step, fenceClass));
  }

  close(): void {
    closeSocket(this.#fd);
  }
}
