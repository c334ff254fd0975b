/** Questions about an address as Ethernet frames, each with a number, and what a host says in its name. */

export interface Ends {
  readonly vip4: Uint8Array;
  readonly vip6: Uint8Array;
  readonly hostMac: Uint8Array;
  readonly clientMac: Uint8Array;
  readonly client4: Uint8Array;
  readonly client6: Uint8Array;
}

export type Spoken =
  | { readonly kind: 'arp' | 'icmp' | 'ndp' | 'icmp6'; readonly question: number }
  /** Something nobody asked for. */
  | { readonly kind: 'other' };

const BROADCAST = new Uint8Array(6).fill(0xff);
const ARP = 0x0806;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;

const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);
const ethernet = (to: Uint8Array, from: Uint8Array, type: number, ...body: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([to, from, u16(type), ...body]);

/** RFC 1071 */
function checksum(...parts: readonly Uint8Array[]): Uint8Array {
  const data = Buffer.concat(parts);
  let sum = 0;
  for (let at = 0; at < data.length; at += 2) sum += data.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return u16(~sum & 0xffff);
}
const withChecksum = (data: Uint8Array, at: number, pseudo: Uint8Array): Uint8Array => {
  data.set(checksum(pseudo, data), at);
  return data;
};

/** The number is the last byte of the sender's MAC, to which the host answers. */
function macOf({ clientMac }: Ends, question: number): Uint8Array {
  const mac = Uint8Array.from(clientMac);
  mac[5] = question;
  return mac;
}
export const arpRequest = (ends: Ends, question: number): Uint8Array =>
  ethernet(
    BROADCAST,
    macOf(ends, question),
    ARP,
    Uint8Array.of(0, 1, 8, 0, 6, 4, 0, 1),
    macOf(ends, question),
    ends.client4,
    new Uint8Array(6),
    ends.vip4,
  );

export function echoRequest({ hostMac, clientMac, client4, vip4 }: Ends, question: number): Uint8Array {
  const icmp = withChecksum(Buffer.of(8, 0, 0, 0, 0x76, 0x70, 0, question), 2, Buffer.alloc(0));
  const header = Buffer.concat([Buffer.of(0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0), client4, vip4]);
  return ethernet(hostMac, clientMac, IPV4, withChecksum(header, 10, Buffer.alloc(0)), icmp);
}

/** The number is the last byte of the sender's address, to which the host answers. */
function addressOf({ client6 }: Ends, question: number): Uint8Array {
  const address = Uint8Array.from(client6);
  address[15] = question;
  return address;
}
function ipv6(from: Uint8Array, to: Uint8Array, icmp: Uint8Array): Uint8Array {
  const pseudo = Buffer.concat([from, to, Buffer.of(0, 0, 0, icmp.length, 0, 0, 0, 58)]);
  return Buffer.concat([Buffer.of(0x60, 0, 0, 0, 0, icmp.length, 58, 255), from, to, withChecksum(icmp, 2, pseudo)]);
}
export function solicitation(ends: Ends, question: number): Uint8Array {
  const low = ends.vip6.subarray(13);
  const group = Buffer.concat([Buffer.from('ff0200000000000000000001ff', 'hex'), low]);
  const body = Buffer.concat([Buffer.of(135, 0, 0, 0, 0, 0, 0, 0), ends.vip6, Buffer.of(1, 1), ends.clientMac]);
  return ethernet(
    Buffer.concat([Buffer.of(0x33, 0x33, 0xff), low]),
    ends.clientMac,
    IPV6,
    ipv6(addressOf(ends, question), group, body),
  );
}
export const echoRequest6 = (ends: Ends, question: number): Uint8Array =>
  ethernet(
    ends.hostMac,
    ends.clientMac,
    IPV6,
    ipv6(addressOf(ends, 0), ends.vip6, Buffer.of(128, 0, 0, 0, 0x76, 0x70, 0, question)),
  );

const same = (frame: Buffer, at: number, bytes: Uint8Array): boolean =>
  frame.subarray(at, at + bytes.length).equals(bytes);

/** What the host says in the name of a VIP; undefined for every other frame. */
export function readAnswer(frame: Buffer, { hostMac, vip4, vip6 }: Ends): Spoken | undefined {
  if (frame.length < 42 || !same(frame, 6, hostMac)) return undefined;
  switch (frame.readUInt16BE(12)) {
    case ARP:
      if (!same(frame, 28, vip4)) return undefined;
      return frame.readUInt16BE(20) === 2 && frame[0] !== 0xff
        ? { kind: 'arp', question: frame[5] ?? 0 }
        : { kind: 'other' };
    case IPV4:
      if (!same(frame, 26, vip4)) return undefined;
      return frame[23] === 1 && frame[34] === 0 ? { kind: 'icmp', question: frame[41] ?? 0 } : { kind: 'other' };
    case IPV6: {
      const type = frame[20] === 58 ? frame[54] : undefined;
      if (type === 136 && same(frame, 62, vip6)) {
        return frame[0] === 0x33 ? { kind: 'other' } : { kind: 'ndp', question: frame[53] ?? 0 };
      }
      if (!same(frame, 22, vip6)) return undefined;
      return type === 129 ? { kind: 'icmp6', question: frame[61] ?? 0 } : { kind: 'other' };
    }
    default:
      return undefined;
  }
}
