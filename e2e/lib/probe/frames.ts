/** Questions and answers of ARP (RFC 826) and NDP (RFC 4861) as the asker sends and reads them. */
import { formatIp, ipFromBytes, ipToBytes, parseIp } from '../../../src/core/ip.ts';

const BROADCAST = Buffer.alloc(6, 0xff);
/** Of no host: answers go to the MAC of the frame, and a question from here changes no table about a VIP. */
const ASKER4 = Buffer.from([192, 0, 2, 254]);
const ASKER6 = bytesOf('2001:db8::254');

export function bytesOf(address: string): Buffer {
  const ip = parseIp(address);
  if (!ip) throw new Error(`${address} is not an address`);
  return Buffer.from(ipToBytes(ip));
}

/** Who has this VIP? */
export function question(vip: string, mac: Buffer): Buffer {
  const target = bytesOf(vip);
  return target.length === 4 ? arpRequest(target, mac) : neighbourSolicitation(target, mac);
}

const arpRequest = (target: Buffer, mac: Buffer): Buffer =>
  Buffer.concat([BROADCAST, mac, Buffer.from('08060001080006040001', 'hex'), mac, ASKER4, Buffer.alloc(6), target]);

function neighbourSolicitation(target: Buffer, mac: Buffer): Buffer {
  const group = Buffer.concat([Buffer.from('ff0200000000000000000001ff', 'hex'), target.subarray(13)]);
  const body = Buffer.concat([Buffer.from([135, 0, 0, 0, 0, 0, 0, 0]), target, Buffer.from([1, 1]), mac]);
  const pseudo = Buffer.concat([ASKER6, group, Buffer.from([0, 0, 0, body.length, 0, 0, 0, 58]), body]);
  let sum = 0;
  for (let i = 0; i < pseudo.length; i += 2) sum += pseudo.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  body.writeUInt16BE(~sum & 0xffff, 2);
  const ethernet = Buffer.concat([Buffer.from([0x33, 0x33]), group.subarray(12), mac, Buffer.from([0x86, 0xdd])]);
  const header = Buffer.from([0x60, 0, 0, 0, 0, body.length, 58, 255]);
  return Buffer.concat([ethernet, header, ASKER6, group, body]);
}

/** The VIP that this frame says its sender has, if it is an answer to us (and no announcement to all). */
export function answeredVip(frame: Buffer, mac: Buffer): string | undefined {
  if (!frame.subarray(0, 6).equals(mac)) return undefined;
  const type = frame.readUInt16BE(12);
  if (type === 0x0806 && frame.readUInt16BE(20) === 2) return formatIp(ipFromBytes(frame.subarray(28, 32)));
  if (type === 0x86dd && frame[20] === 58 && frame[54] === 136) return formatIp(ipFromBytes(frame.subarray(62, 78)));
  return undefined;
}
