import koffi from 'koffi';
import { bindSocket, closeSocket, openSocket } from '../../../src/adapters/linux/sys.ts';

const libc = koffi.load(null);
const program = koffi.struct('e2e_sock_fprog', { len: 'uint16', filter: 'void *' });
const attach = libc.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(program), 'uint32']);
const nameToIndex = libc.func('unsigned int if_nametoindex(str)');
const recv = libc.func('intptr_t recv(int, void *, size_t, int)');
const sendCall = libc.func('intptr_t send(int, void *, size_t, int)');

const AF_PACKET = 17;
const ETH_P_ALL = 0x0003;
const DONTWAIT = 0x40;

/** Classic BPF: ARP replies, and ICMPv6 neighbour advertisements (type 136); nothing else reaches us. */
const FILTER: readonly (readonly [code: number, jt: number, jf: number, k: number])[] = [
  [0x28, 0, 0, 12],
  [0x15, 0, 2, 0x0806],
  [0x28, 0, 0, 20],
  [0x15, 5, 6, 2],
  [0x15, 0, 5, 0x86dd],
  [0x30, 0, 0, 20],
  [0x15, 0, 3, 58],
  [0x30, 0, 0, 54],
  [0x15, 0, 1, 136],
  [0x06, 0, 0, 0xffff],
  [0x06, 0, 0, 0],
];

/**
 * A raw socket on one port of the switch. It sees what arrives at the port before the switch does, and what it sends
 * goes to that host alone: the switch's memory of addresses plays no part, nor whether the port is part of it.
 */
export class PortSocket {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(2_048);

  constructor(port: string) {
    const index = nameToIndex(port) as number;
    if (index === 0) throw new Error(`no port ${port}`);
    this.#fd = openSocket(AF_PACKET, 0);
    const code = Buffer.alloc(FILTER.length * 8);
    for (const [i, [opcode, jt, jf, k]] of FILTER.entries()) {
      code.writeUInt16LE(opcode, i * 8);
      code[i * 8 + 2] = jt;
      code[i * 8 + 3] = jf;
      code.writeUInt32LE(k, i * 8 + 4);
    }
    if (attach(this.#fd, 1, 26, { len: FILTER.length, filter: code }, 16) !== 0) {
      throw new Error(`cannot attach the filter to ${port}: errno ${koffi.errno()}`);
    }
    const address = Buffer.alloc(20);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16BE(ETH_P_ALL, 2);
    address.writeInt32LE(index, 4);
    bindSocket(this.#fd, address);
  }

  /** A port without carrier takes nothing: then nobody is asked. */
  send(frame: Buffer): void {
    sendCall(this.#fd, frame, frame.length, DONTWAIT);
  }

  /** Every frame that has arrived. */
  drain(onFrame: (frame: Buffer) => void): void {
    for (;;) {
      const length = Number(recv(this.#fd, this.#buffer, this.#buffer.length, DONTWAIT));
      if (length <= 0) return;
      onFrame(this.#buffer.subarray(0, length));
    }
  }

  close(): void {
    closeSocket(this.#fd);
  }
}
