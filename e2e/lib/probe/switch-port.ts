import koffi from 'koffi';
import { decodeLink, encodeLinkDump, type Link } from '../../../src/adapters/linux/rtnetlink-link.ts';
import { NetlinkSocket } from '../../../src/adapters/linux/netlink-socket.ts';
import {
  AF_PACKET,
  bindSocket,
  closeSocket,
  openSocket,
  setBuffers,
  setOption,
} from '../../../src/adapters/linux/sys.ts';
import { ANSWERS_ONLY, encodeFilter } from './holder-frames.ts';
import { setOptionBytes } from './native.ts';

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
const ETH_P_ALL = 0x0003;
const BUFFER_BYTES = 8 << 20;

/** The interfaces of our network namespace by name. */
export function interfaces(): Map<string, Link> {
  const netlink = NetlinkSocket.open([], 1 << 20);
  try {
    const found = netlink.dump(encodeLinkDump(), (message) => {
      const link = decodeLink(message);
      return link?.kind === 'present' ? link.link : undefined;
    });
    return new Map(found.map((link) => [link.name, link]));
  } finally {
    netlink.close();
  }
}

/**
 * A socket on one port of the switch. What it sends goes to the host at the other end and to nobody else; what that host
 * sends is seen before the bridge takes it (a socket for one protocol would see only what the bridge leaves over), so
 * neither the bridge's memory nor its rules play a part.
 */
export function openPort({ ifindex }: Link): number {
  const fd = openSocket(AF_PACKET, 0);
  try {
    setOptionBytes(fd, SOL_SOCKET, SO_ATTACH_FILTER, filterProgram());
    setOption(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
    setBuffers(fd, BUFFER_BYTES, BUFFER_BYTES);
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

/** struct sock_fprog { unsigned short len; struct sock_filter *filter; } */
function filterProgram(): Buffer {
  const instructions = encodeFilter(ANSWERS_ONLY);
  const memory: unknown = koffi.alloc('uint8_t', instructions.length);
  Buffer.from(koffi.view(memory, instructions.length)).set(instructions);
  const program = Buffer.alloc(16);
  program.writeUInt16LE(ANSWERS_ONLY.length, 0);
  program.writeBigUInt64LE(koffi.address(memory), 8);
  return program;
}
