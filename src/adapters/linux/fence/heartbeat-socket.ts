import { AF_INET, bindSocket, closeSocket, connectSocket, openSocket, send, SOCK_DGRAM } from '../sys.ts';
import { type DatagramKind, encodeDatagram, WORD_BYTES } from './datagram.ts';

const LOOPBACK = [127, 0, 0, 1] as const;

/**
 * Sends to the kernel's rules on the loopback interface; they consume what they understand. It is bound to a port below
 * 1024, so that no second agent runs beside this one. That only an agent can say the same is due to the word of the table.
 */
export class HeartbeatSocket {
  readonly #fd: number;
  #word: Uint8Array = new Uint8Array(WORD_BYTES);

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

  /** From now on the rules of the table with this word obey. */
  speakTo(word: Uint8Array): void {
    this.#word = word;
  }

  /** The rules have run when this returns. Throws SysError: ENETUNREACH where the loopback interface is down. */
  send(kind: DatagramKind, fenceClass: number, step = 0): void {
    send(this.#fd, encodeDatagram(kind, step, fenceClass, this.#word));
  }

  close(): void {
    closeSocket(this.#fd);
  }
}
