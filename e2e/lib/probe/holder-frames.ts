/** Frames that ask who has an address, and what their answers look like. Pure. */
import { type Ip, ipToBytes } from '../../../src/core/ip.ts';

const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;
const ARP_REPLY = 2;
const ICMPV6 = 58;
const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;
const SOLICITATION_BYTES = 32;
/** More than the parts of an answer that count. */
export const FRAME_BYTES = 128;

/** Who asks: an address of each family that no host of the lab has. */
export interface Asker {
  readonly mac: Uint8Array;
  readonly v4: Uint8Array;
  readonly v6: Uint8Array;
}

/** ARP request or neighbour solicitation, as of a host that wants to talk to the address; no probe for duplicates. */
export const question = (asker: Asker, ip: Ip): Uint8Array =>
  ip.family === 4 ? arpRequest(asker, ipToBytes(ip)) : solicitation(asker, ipToBytes(ip));

const arpRequest = ({ mac, v4 }: Asker, target: Uint8Array): Uint8Array =>
  Buffer.concat([
    BROADCAST,
    mac,
    Uint8Array.of(0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4, 0, 1),
    mac,
    v4,
    new Uint8Array(6),
    target,
  ]);

function solicitation({ mac, v6 }: Asker, target: Uint8Array): Uint8Array {
  const low = target.subarray(13);
  const group = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...low);
  const message = Buffer.alloc(SOLICITATION_BYTES);
  message.writeUInt8(NEIGHBOR_SOLICITATION, 0);
  message.set(target, 8);
  // Option: our link-layer address, so that the host need not ask for it.
  message.set([1, 1, ...mac], 24);
  message.writeUInt16BE(checksum(v6, group, message), 2);
  return Buffer.concat([
    Uint8Array.of(0x33, 0x33, 0xff, ...low),
    mac,
    Uint8Array.of(0x86, 0xdd, 0x60, 0, 0, 0, 0, SOLICITATION_BYTES, ICMPV6, 255),
    v6,
    group,
    message,
  ]);
}

/** Internet checksum over the pseudo-header (RFC 8200, 8.1) and the message. */
function checksum(source: Uint8Array, destination: Uint8Array, message: Uint8Array): number {
  let sum = message.length + ICMPV6;
  for (const part of [source, destination, message]) {
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    for (let at = 0; at < part.length; at += 2) sum += view.getUint16(at);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/**
 * The address that a frame claims in answer to us, as `addressKey` of it; undefined for any other frame. What a host
 * announces to everybody is no answer.
 */
export function answeredAddress(frame: Buffer, length: number, { mac }: Asker): string | undefined {
  if (length < 42 || frame.compare(mac, 0, 6, 0, 6) !== 0) return undefined;
  switch (frame.readUInt16BE(12)) {
    case ETHERTYPE_ARP:
      return frame.readUInt16BE(20) === ARP_REPLY ? frame.toString('latin1', 28, 32) : undefined;
    case ETHERTYPE_IPV6:
      if (length < 78 || frame.readUInt8(20) !== ICMPV6 || frame.readUInt8(54) !== NEIGHBOR_ADVERTISEMENT) {
        return undefined;
      }
      return frame.toString('latin1', 62, 78);
    default:
      return undefined;
  }
}

/** Key of an address in a map; its bytes. */
export const addressKey = (ip: Ip): string => Buffer.from(ipToBytes(ip)).toString('latin1');

/** Instructions of a classic BPF program (struct sock_filter). */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

/** Lets ARP replies and neighbour advertisements through, so that other traffic of the port costs us nothing. */
export const ANSWERS_ONLY: readonly Instruction[] = [
  [LOAD_HALF, 0, 0, 12],
  [JUMP_IF_EQUAL, 0, 2, ETHERTYPE_ARP],
  [LOAD_HALF, 0, 0, 20],
  [JUMP_IF_EQUAL, 5, 6, ARP_REPLY],
  [JUMP_IF_EQUAL, 0, 5, ETHERTYPE_IPV6],
  [LOAD_BYTE, 0, 0, 20],
  [JUMP_IF_EQUAL, 0, 3, ICMPV6],
  [LOAD_BYTE, 0, 0, 54],
  [JUMP_IF_EQUAL, 0, 1, NEIGHBOR_ADVERTISEMENT],
  [RETURN, 0, 0, FRAME_BYTES],
  [RETURN, 0, 0, 0],
];

/** The instructions as the kernel reads them. */
export function encodeFilter(instructions: readonly Instruction[]): Buffer {
  const program = Buffer.alloc(8 * instructions.length);
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    program.writeUInt16LE(code, 8 * index);
    program.writeUInt8(ifTrue, 8 * index + 2);
    program.writeUInt8(ifFalse, 8 * index + 3);
    program.writeUInt32LE(value, 8 * index + 4);
  }
  return program;
}
