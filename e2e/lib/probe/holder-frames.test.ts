import { describe, expect, it } from '@jest/globals';
import { type Ip, ipToBytes, parseIp } from '../../../src/core/ip.ts';
import { unsolicitedAdvertisement } from '../../../src/adapters/linux/ndp-frame.ts';
import { gratuitousArp } from '../../../src/adapters/linux/arp-frame.ts';
import { addressKey, answeredAddress, ANSWERS_ONLY, question } from './holder-frames.ts';

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(text);
  return parsed;
};
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const HOST_MAC = Uint8Array.of(2, 0, 0, 0, 0, 2);
const ASKER = { mac: MAC, v4: ipToBytes(ip('192.0.2.254')), v6: ipToBytes(ip('fe80::fe')) };
const V4 = ip('192.0.2.50');
const V6 = ip('2001:db8::50');

const toUs = (frame: Uint8Array): Buffer => {
  const answer = Buffer.alloc(128);
  answer.set(frame);
  answer.set(MAC, 0);
  return answer;
};
const [, arpReply = new Uint8Array()] = gratuitousArp(HOST_MAC, ipToBytes(V4));
const advertisement = unsolicitedAdvertisement(HOST_MAC, ipToBytes(V6));

describe('questions', () => {
  it('are a request to all, from an address that is nobody else', () => {
    expect(Buffer.from(question(ASKER, V4)).toString('hex')).toBe(
      'ffffffffffff' +
        '020000000001' +
        '0806' +
        '0001080006040001' +
        '020000000001' +
        'c00002fe' +
        '000000000000' +
        'c0000232',
    );
  });

  it('are a solicitation to the group of the address', () => {
    expect(Buffer.from(question(ASKER, V6)).toString('hex')).toMatch(
      /^3333ff00005002000000000186dd6000000000203afffe8000000000000000000000000000feff0200000000000000000001ff0000508700....0000000020010db80000000000000000000000500101020000000001$/,
    );
  });
});

describe('answers', () => {
  it('name the address', () => {
    expect(answeredAddress(toUs(arpReply), 42, ASKER)).toBe(addressKey(V4));
    expect(answeredAddress(toUs(advertisement), advertisement.length, ASKER)).toBe(addressKey(V6));
  });

  it('are no announcements to all, no questions, and nothing cut off', () => {
    expect(answeredAddress(Buffer.from(arpReply), 42, ASKER)).toBeUndefined();
    expect(answeredAddress(Buffer.from(advertisement), 86, ASKER)).toBeUndefined();
    expect(answeredAddress(toUs(question(ASKER, V4)), 42, ASKER)).toBeUndefined();
    expect(answeredAddress(toUs(question(ASKER, V6)), 86, ASKER)).toBeUndefined();
    expect(answeredAddress(toUs(arpReply), 41, ASKER)).toBeUndefined();
  });
});

/** What the kernel does with these instructions. */
function accepts(frame: Buffer): boolean {
  let loaded = 0;
  for (let at = 0; ; at++) {
    const [code, ifTrue, ifFalse, value] = ANSWERS_ONLY[at] ?? [0, 0, 0, 0];
    if (code === 0x28) loaded = frame.readUInt16BE(value);
    else if (code === 0x30) loaded = frame.readUInt8(value);
    else if (code === 0x15) at += loaded === value ? ifTrue : ifFalse;
    else if (code === 0x06) return value > 0;
    else throw new Error(`instruction ${at}`);
  }
}

it('the filter of the socket lets answers through and nothing else', () => {
  expect(accepts(toUs(arpReply))).toBe(true);
  expect(accepts(toUs(advertisement))).toBe(true);
  expect(accepts(toUs(question(ASKER, V4)))).toBe(false);
  expect(accepts(toUs(question(ASKER, V6)))).toBe(false);
  expect(accepts(Buffer.alloc(128))).toBe(false);
});
