import { expect, test } from '@jest/globals';
import { arpProbe, arpRequest, gratuitousArp } from './arp-frame.ts';
import { isAnswer } from './claim-frame.ts';
import { duplicateSolicitation, neighborSolicitation, unsolicitedAdvertisement } from './ndp-frame.ts';

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
const joined = (...parts: readonly string[]): string => parts.join('');
const MAC = '020000000007';
const mac = Buffer.from(MAC, 'hex');

test('gratuitous ARP: a request, then a reply whose target is our own MAC', () => {
  const [request, reply, ...rest] = gratuitousArp(mac, Uint8Array.of(192, 0, 2, 50));
  const arpOfIpv4OnEthernet = ['ffffffffffff', MAC, '0806', '0001', '0800', '06', '04'];
  expect(hex(request)).toBe(joined(...arpOfIpv4OnEthernet, '0001', MAC, 'c0000232', '000000000000', 'c0000232'));
  expect(hex(reply)).toBe(joined(...arpOfIpv4OnEthernet, '0002', MAC, 'c0000232', MAC, 'c0000232'));
  expect(rest).toEqual([]);
});

test('neighbour advertisement: to all nodes, override set, router and solicited clear', () => {
  const vip = 'fd000000000000000000000000000050';
  const frame = hex(unsolicitedAdvertisement(mac, Buffer.from(vip, 'hex')));
  const ethernet = ['333300000001', MAC, '86dd'];
  const ipv6 = ['6000000000203aff', vip, 'ff020000000000000000000000000001'];
  const checksum = frame.slice(112, 116);
  const advertisement = ['8800', checksum, '20000000', vip, '0201', MAC];
  expect(frame).toBe(joined(...ethernet, ...ipv6, ...advertisement));
});

test('the checksum makes the sum over pseudo-header and message all ones (RFC 1071)', () => {
  for (const last of [0x00, 0x50, 0xff]) {
    const ip = Buffer.from(`fd00ffffffffffff00000000000000${last.toString(16).padStart(2, '0')}`, 'hex');
    const frame = Buffer.from(unsolicitedAdvertisement(mac, ip));
    let sum = 32 + 58;
    for (let at = 22; at < frame.length; at += 2) sum += frame.readUInt16BE(at);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    expect(sum).toBe(0xffff);
  }
});

test('ARP probe: a request from nobody', () => {
  const probe = hex(arpProbe(mac, Uint8Array.of(192, 0, 2, 50)));
  const arpOfIpv4OnEthernet = ['ffffffffffff', MAC, '0806', '0001', '0800', '06', '04'];
  expect(probe).toBe(joined(...arpOfIpv4OnEthernet, '0001', MAC, '00000000', '000000000000', 'c0000232'));
});

test('solicitation of duplicate address detection: from :: to the solicited-node group, without options', () => {
  const vip = '20010db800000000000000ab12345678';
  const frame = hex(duplicateSolicitation(mac, Buffer.from(vip, 'hex')));
  const ethernet = ['3333ff345678', MAC, '86dd'];
  const ipv6 = ['6000000000183aff', '0'.repeat(32), 'ff0200000000000000000001ff345678'];
  const checksum = frame.slice(112, 116);
  expect(frame).toBe(joined(...ethernet, ...ipv6, '8700', checksum, '00000000', vip));
  let sum = 24 + 58;
  for (let at = 22; at < 78; at += 2) sum += Number.parseInt(frame.slice(at * 2, at * 2 + 4), 16);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  expect(sum).toBe(0xffff);
});

test('ARP request: as an address of the host', () => {
  const request = hex(arpRequest(mac, Uint8Array.of(192, 0, 2, 7), Uint8Array.of(192, 0, 2, 1)));
  const arpOfIpv4OnEthernet = ['ffffffffffff', MAC, '0806', '0001', '0800', '06', '04'];
  expect(request).toBe(joined(...arpOfIpv4OnEthernet, '0001', MAC, 'c0000207', '000000000000', 'c0000201'));
});

test('neighbour solicitation: as an address of the host, with its MAC', () => {
  const own = '20010db8000000000000000000000007';
  const gateway = 'fe800000000000000000000000000001';
  const frame = hex(neighborSolicitation(mac, Buffer.from(own, 'hex'), Buffer.from(gateway, 'hex')));
  const ethernet = ['3333ff000001', MAC, '86dd'];
  const ipv6 = ['6000000000203aff', own, 'ff0200000000000000000001ff000001'];
  const checksum = frame.slice(112, 116);
  expect(frame).toBe(joined(...ethernet, ...ipv6, '8700', checksum, '00000000', gateway, '0101', MAC));
});

test('replies and advertisements are answers, questions are none', () => {
  const [request, reply] = gratuitousArp(mac, Uint8Array.of(192, 0, 2, 50));
  const v6 = Buffer.alloc(16, 1);
  const answers = [reply, unsolicitedAdvertisement(mac, v6)];
  const questions = [request, duplicateSolicitation(mac, v6), neighborSolicitation(mac, v6, v6)];
  const judged = [...answers, ...questions].map((frame) => isAnswer(Buffer.from(frame ?? [])));
  expect(judged).toEqual([true, true, false, false, false]);
  expect(isAnswer(Buffer.from(unsolicitedAdvertisement(mac, v6)).subarray(0, 60))).toBe(false);
  expect(isAnswer(Buffer.alloc(41))).toBe(false);
});
