/** Ethernet frames with neighbour discovery for IPv6 (RFC 4861). */

const ALL_NODES_MAC = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);
const ALL_NODES = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const ETHERTYPE_IPV6 = [0x86, 0xdd];
const ICMPV6 = 58;
const HOP_LIMIT = 255;
const UNSPECIFIED = new Uint8Array(16);
/** ff02::1:ff00:0/104 takes the last 24 bits of the address asked for. */
const SOLICITED_NODE = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff];
const SOLICITED_NODE_MAC = [0x33, 0x33, 0xff];
const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;
const FLAG_OVERRIDE = 0x20;
const OPTION_SOURCE_LINK_LAYER_ADDRESS = 1;
const OPTION_TARGET_LINK_LAYER_ADDRESS = 2;
const ADVERTISEMENT_BYTES = 32;
const SOLICITATION_BYTES = 24;

/**
 * Unsolicited neighbour advertisement to all nodes, with the override flag: neighbours replace an entry they trust.
 * The router flag stays clear, else hosts would take us for a router.
 */
export function unsolicitedAdvertisement(mac: Uint8Array, ip: Uint8Array): Uint8Array {
  const message = Buffer.alloc(ADVERTISEMENT_BYTES);
  message.writeUInt8(NEIGHBOR_ADVERTISEMENT, 0);
  message.writeUInt8(FLAG_OVERRIDE, 4);
  message.set(ip, 8);
  message.writeUInt8(OPTION_TARGET_LINK_LAYER_ADDRESS, 24);
  message.writeUInt8(1, 25);
  message.set(mac, 26);
  return frame({ toMac: ALL_NODES_MAC, mac, from: ip, to: ALL_NODES }, message);
}

/**
 * Neighbour solicitation as duplicate address detection sends it (RFC 4862): from `::`, so it says nothing about us
 * and changes nobody's table, and whoever has the address answers to all nodes.
 */
export const duplicateSolicitation = (mac: Uint8Array, ip: Uint8Array): Uint8Array =>
  solicitation(mac, UNSPECIFIED, ip, Buffer.alloc(0));

/** Neighbour solicitation as `senderIp`, an address of the host: whoever answers sends the answer there. */
export const neighborSolicitation = (mac: Uint8Array, senderIp: Uint8Array, ip: Uint8Array): Uint8Array =>
  solicitation(mac, senderIp, ip, Buffer.concat([Uint8Array.of(OPTION_SOURCE_LINK_LAYER_ADDRESS, 1), mac]));

function solicitation(mac: Uint8Array, from: Uint8Array, ip: Uint8Array, option: Buffer): Uint8Array {
  const message = Buffer.alloc(SOLICITATION_BYTES + option.length);
  message.writeUInt8(NEIGHBOR_SOLICITATION, 0);
  message.set(ip, 8);
  message.set(option, SOLICITATION_BYTES);
  const low24Bits = ip.subarray(13);
  const to = Uint8Array.of(...SOLICITED_NODE, ...low24Bits);
  return frame({ toMac: Uint8Array.of(...SOLICITED_NODE_MAC, ...low24Bits), mac, from, to }, message);
}

interface Way {
  readonly toMac: Uint8Array;
  readonly mac: Uint8Array;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** Fills in the checksum of `message` and puts the headers before it. */
function frame({ toMac, mac, from, to }: Way, message: Buffer): Uint8Array {
  message.writeUInt16BE(checksum(from, to, message), 2);
  const ipv6 = Uint8Array.of(0x60, 0, 0, 0, 0, message.length, ICMPV6, HOP_LIMIT);
  return Buffer.concat([toMac, mac, Uint8Array.of(...ETHERTYPE_IPV6), ipv6, from, to, message]);
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
