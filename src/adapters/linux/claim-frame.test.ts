import { describe, expect, test } from '@jest/globals';
import { arpProbe, gratuitousArp } from './arp-frame.ts';
import { claimIn } from './claim-frame.ts';
import { duplicateSolicitation, unsolicitedAdvertisement } from './ndp-frame.ts';

const MAC = Buffer.from('020000000007', 'hex');
const OTHER = Buffer.from('020000000009', 'hex');
const V4 = Uint8Array.of(192, 0, 2, 50);
const V6 = Buffer.from('20010db8000000000000000000000050', 'hex');
const frames = (...list: Uint8Array[]): Buffer[] => list.map((frame) => Buffer.from(frame));
/** The frame with some bytes changed. */
const changed = (frame: Uint8Array, at: number, bytes: string): Buffer => {
  const copy = Buffer.from(frame);
  copy.set(Buffer.from(bytes, 'hex'), at);
  return copy;
};

describe('ARP', () => {
  test('request and reply are claims of their sender', () => {
    for (const frame of frames(...gratuitousArp(MAC, V4))) {
      expect(claimIn(frame)).toEqual({ ip: '192.0.2.50', mac: MAC, sender: MAC });
    }
  });

  test('the MAC is the one inside, whoever forwards it', () => {
    const [request = MAC] = gratuitousArp(MAC, V4);
    expect(claimIn(changed(request, 6, '020000000009'))).toEqual({ ip: '192.0.2.50', mac: MAC, sender: OTHER });
  });

  test('a probe is none', () => {
    expect(claimIn(Buffer.from(arpProbe(MAC, V4)))).toBeUndefined();
  });

  test('other hardware, other protocols and fragments of frames are none', () => {
    const [request = MAC] = gratuitousArp(MAC, V4);
    expect(claimIn(changed(request, 15, '06'))).toBeUndefined();
    expect(claimIn(changed(request, 16, '86dd'))).toBeUndefined();
    expect(claimIn(changed(request, 19, '10'))).toBeUndefined();
    expect(claimIn(changed(request, 12, '0800'))).toBeUndefined();
    expect(claimIn(Buffer.from(request).subarray(0, 41))).toBeUndefined();
    expect(claimIn(Buffer.alloc(0))).toBeUndefined();
  });
});

describe('neighbour discovery', () => {
  const advertisement = unsolicitedAdvertisement(MAC, V6);

  test('an advertisement is about its target', () => {
    expect(claimIn(Buffer.from(advertisement))).toEqual({ ip: '2001:db8::50', mac: MAC, sender: MAC });
  });

  test('without a link-layer address the sender has it', () => {
    for (const frame of [changed(advertisement, 78, '0e01'), Buffer.from(advertisement).subarray(0, 78)]) {
      expect(claimIn(changed(frame, 6, '020000000009'))).toEqual({ ip: '2001:db8::50', mac: OTHER, sender: OTHER });
    }
  });

  test('a solicitation of duplicate address detection is none, one from an address is a claim to that', () => {
    const solicitation = duplicateSolicitation(MAC, V6);
    expect(claimIn(Buffer.from(solicitation))).toBeUndefined();
    const asking = changed(solicitation, 22, '20010db8000000000000000000000051');
    expect(claimIn(asking)).toEqual({ ip: '2001:db8::51', mac: MAC, sender: MAC });
    expect(claimIn(asking.subarray(0, 77))).toBeUndefined();
  });
});
