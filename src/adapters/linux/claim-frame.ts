/** What a received frame of ARP or neighbour discovery says about who has an address. */
import { formatIp, ipFromBytes } from '../../core/ip.ts';

const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;
/** Ethernet and IPv4 with their lengths: hardware type, protocol type, 6, 4. */
const ARP_PREFIX = [0x0001_0800, 0x0604] as const;
const ARP_FRAME_BYTES = 42;
const NDP_FRAME_BYTES = 78;
const ARP_REQUEST = 1;
const ARP_REPLY = 2;
const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;
const OPTION_TARGET_LINK_LAYER_ADDRESS = 2;

export interface Claim {
  /** Canonical text. */
  readonly ip: string;
  /** Views of the frame: the MAC under which the address is said to be, and that of the sender. */
  readonly mac: Buffer;
  readonly sender: Buffer;
}

/**
 * The claim in a frame, if there is one: the sender of any ARP message has its sender address, unless that is 0.0.0.0
 * (a probe); a neighbour advertisement is about its target; a neighbour solicitation comes from whoever has the
 * address, unless from `::` (a probe, too).
 */
export function claimIn(frame: Buffer): Claim | undefined {
  if (frame.length < ARP_FRAME_BYTES) return undefined;
  switch (frame.readUInt16BE(12)) {
    case ETHERTYPE_ARP:
      return arpClaim(frame);
    case ETHERTYPE_IPV6:
      return frame.length < NDP_FRAME_BYTES ? undefined : neighborClaim(frame);
    default:
      return undefined;
  }
}

/** Whether the frame answers a question: an ARP reply, or a neighbour advertisement. */
export function isAnswer(frame: Buffer): boolean {
  if (frame.length < ARP_FRAME_BYTES) return false;
  if (frame.readUInt16BE(12) === ETHERTYPE_ARP) return frame.readUInt16BE(20) === ARP_REPLY;
  return frame.length >= NDP_FRAME_BYTES && frame.readUInt8(54) === NEIGHBOR_ADVERTISEMENT;
}

/** Whom a probe asks for, and who asks: an ARP request from 0.0.0.0, or a neighbour solicitation from `::`. */
export function questionIn(frame: Buffer): { readonly ip: string; readonly sender: Buffer } | undefined {
  if (frame.length < ARP_FRAME_BYTES) return undefined;
  const sender = senderOf(frame);
  if (frame.readUInt16BE(12) === ETHERTYPE_ARP) {
    if (frame.readUInt16BE(20) !== ARP_REQUEST || frame.readUInt32BE(28) !== 0) return undefined;
    return {
      ip: `${frame.readUInt8(38)}.${frame.readUInt8(39)}.${frame.readUInt8(40)}.${frame.readUInt8(41)}`,
      sender,
    };
  }
  const solicits = frame.length >= NDP_FRAME_BYTES && frame.readUInt8(54) === NEIGHBOR_SOLICITATION;
  return solicits && isZero(frame, 22, 38) ? { ip: ipv6At(frame, 62), sender } : undefined;
}

const senderOf = (frame: Buffer): Buffer => frame.subarray(6, 12);

function arpClaim(frame: Buffer): Claim | undefined {
  if (frame.readUInt32BE(14) !== ARP_PREFIX[0] || frame.readUInt16BE(18) !== ARP_PREFIX[1]) return undefined;
  if (frame.readUInt32BE(28) === 0) return undefined;
  const ip = `${frame.readUInt8(28)}.${frame.readUInt8(29)}.${frame.readUInt8(30)}.${frame.readUInt8(31)}`;
  return { ip, mac: frame.subarray(22, 28), sender: senderOf(frame) };
}

function neighborClaim(frame: Buffer): Claim | undefined {
  const sender = senderOf(frame);
  if (frame.readUInt8(54) === NEIGHBOR_ADVERTISEMENT) {
    return { ip: ipv6At(frame, 62), mac: targetMac(frame) ?? sender, sender };
  }
  return isZero(frame, 22, 38) ? undefined : { ip: ipv6At(frame, 22), mac: sender, sender };
}

/** Value of the first option where it is the target's link-layer address, as it is in every advertisement. */
function targetMac(frame: Buffer): Buffer | undefined {
  const at = NDP_FRAME_BYTES;
  if (frame.length < at + 8 || frame.readUInt8(at) !== OPTION_TARGET_LINK_LAYER_ADDRESS) return undefined;
  return frame.readUInt8(at + 1) === 1 ? frame.subarray(at + 2, at + 8) : undefined;
}

const ipv6At = (frame: Buffer, at: number): string => formatIp(ipFromBytes(frame.subarray(at, at + 16)));

function isZero(frame: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (frame[at] !== 0) return false;
  return true;
}
