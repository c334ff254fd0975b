/**
 * The classic BPF program (linux/filter.h) behind the claim listener. Its socket is offered every frame of the
 * interface; this lets pass what can be a claim and costs the others a handful of instructions in the kernel.
 */

const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

/** Offsets from here on are not of the frame but of what the kernel knows about it. */
const ANCILLARY = 0xffff_f000;
const PACKET_TYPE = ANCILLARY + 4;
const VLAN_TAG_PRESENT = ANCILLARY + 48;
const PACKET_HOST = 0;
const PACKET_OUTGOING = 4;

const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;
const ICMPV6 = 58;
const HOP_LIMIT_OF_NEIGHBOURS = 255;
const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;

/** ARP and neighbour discovery messages are far shorter; nothing behind them matters. */
export const CLAIM_FRAME_BYTES = 128;

type Instruction = readonly [code: number, value: number, skipIfTrue?: number, skipIfFalse?: number];

/**
 * Passes ARP, neighbour solicitations and neighbour advertisements that came from outside: `all` of them, or those `toUs`
 * alone, which leaves out what is broadcast and multicast. A frame of another VLAN is
 * shown to the underlying interface too, without its tag: that is another network.
 */
export function claimFilter(which: 'all' | 'toUs'): Uint8Array {
  const byPacketType: Instruction =
    which === 'all' ? [JUMP_IF_EQUAL, PACKET_OUTGOING, 3, 0] : [JUMP_IF_EQUAL, PACKET_HOST, 0, 3];
  const program: readonly Instruction[] = [
    [LOAD_HALF, 12],
    [JUMP_IF_EQUAL, ETHERTYPE_ARP, 8, 0],
    [JUMP_IF_EQUAL, ETHERTYPE_IPV6, 0, 12],
    [LOAD_BYTE, 20],
    [JUMP_IF_EQUAL, ICMPV6, 0, 10],
    [LOAD_BYTE, 21],
    [JUMP_IF_EQUAL, HOP_LIMIT_OF_NEIGHBOURS, 0, 8],
    [LOAD_BYTE, 54],
    [JUMP_IF_EQUAL, NEIGHBOR_ADVERTISEMENT, 1, 0],
    [JUMP_IF_EQUAL, NEIGHBOR_SOLICITATION, 0, 5],
    [LOAD_WORD, PACKET_TYPE],
    byPacketType,
    [LOAD_WORD, VLAN_TAG_PRESENT],
    [JUMP_IF_EQUAL, 0, 0, 1],
    [RETURN, CLAIM_FRAME_BYTES],
    [RETURN, 0],
  ];
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, value, skipIfTrue = 0, skipIfFalse = 0]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(skipIfTrue, index * 8 + 2);
    bytes.writeUInt8(skipIfFalse, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  }
  return bytes;
}
