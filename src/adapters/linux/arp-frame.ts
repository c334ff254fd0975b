/** Ethernet frames with ARP for IPv4 (RFC 826). */

const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const NO_MAC = new Uint8Array(6);
const NO_IP = new Uint8Array(4);
const ETHERTYPE_ARP = [0x08, 0x06];
const ETHERNET_IPV4 = [0x00, 0x01, 0x08, 0x00, 6, 4];
const REQUEST = 1;
const REPLY = 2;

/**
 * Gratuitous ARP in both forms, for neighbours that heed only one of them. The request comes first: Linux follows it
 * even where it changed the entry less than a second ago; it follows the reply then only with our own MAC as target.
 */
export const gratuitousArp = (mac: Uint8Array, ip: Uint8Array): Uint8Array[] => [
  frame(mac, REQUEST, ip, NO_MAC),
  frame(mac, REPLY, ip, mac),
];

/** ARP probe (RFC 5227): asks who has the address without saying that we do, so nobody's table changes. */
export const arpProbe = (mac: Uint8Array, ip: Uint8Array): Uint8Array => frame(mac, REQUEST, NO_IP, NO_MAC, ip);

/** Asks who has the address, as `senderIp`, an address of the host: whoever answers may remember us under it. */
export const arpRequest = (mac: Uint8Array, senderIp: Uint8Array, ip: Uint8Array): Uint8Array =>
  frame(mac, REQUEST, senderIp, NO_MAC, ip);

const frame = (
  mac: Uint8Array,
  operation: number,
  senderIp: Uint8Array,
  targetMac: Uint8Array,
  targetIp: Uint8Array = senderIp,
): Uint8Array =>
  Buffer.concat([
    BROADCAST,
    mac,
    Uint8Array.of(...ETHERTYPE_ARP, ...ETHERNET_IPV4, 0, operation),
    mac,
    senderIp,
    targetMac,
    targetIp,
  ]);
