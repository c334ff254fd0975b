import { describe, expect, test } from '@jest/globals';
import { encodeDeleteOf } from './conntrack.ts';
import { attributesOf, type NetlinkMessage } from './netlink-message.ts';

/** UDP 192.0.2.7:4000 -> 192.0.2.51:53, translated to 192.0.2.50:53; recorded from Linux 6.18. */
const TRANSLATED = Buffer.from(
  'AgAAADQAAYAUAAGACAABAMAAAgcIAAIAwAACMxwAAoAFAAEAEQAAAAYAAgAPoAAABgADAAA1AAA0AAKAFAABgAgAAQDAAAIyCAACAMAAAgccAAKABQABABEAAAAGAAIAADUAAAYAAwAPoAAACAADAAAAAagIAAgAAAAAAAgADABiDFZhCAALAAAAAAEIAAcAAAAAHQ==',
  'base64',
);
const message = (payload: Buffer, type = 0x100): NetlinkMessage => ({ type, flags: 2, sequence: 1, payload });
const victims = (...ips: readonly (readonly number[])[]): Set<string> =>
  new Set(ips.map((ip) => Buffer.from(ip).toString('latin1')));
const CLIENT = [192, 0, 2, 7];
const NAMED = [192, 0, 2, 51];
const TRANSLATED_TO = [192, 0, 2, 50];

describe('an entry', () => {
  test.each([
    ['source', CLIENT],
    ['destination', NAMED],
    ['answering side after translation', TRANSLATED_TO],
  ])('is deleted for its %s', (_, ip) => {
    const request = encodeDeleteOf(message(TRANSLATED), victims([10, 0, 0, 1], ip));
    expect(request?.readUInt16LE(4)).toBe(0x102);
    const sent = attributesOf(request ?? Buffer.alloc(0), 20);
    const known = attributesOf(TRANSLATED, 4);
    expect([...sent.keys()]).toEqual([1, 12]);
    expect(sent.get(1)).toEqual(known.get(1));
    expect(sent.get(12)).toEqual(known.get(12));
    expect(request?.readUInt8(16)).toBe(2);
  });

  test('of a zone is deleted in that', () => {
    const zone = Buffer.from('0600001200050000', 'hex');
    zone.writeUInt16LE(6, 0);
    zone.writeUInt16LE(18, 2);
    const request = encodeDeleteOf(message(Buffer.concat([TRANSLATED, zone])), victims(CLIENT));
    expect(
      attributesOf(request ?? Buffer.alloc(0), 20)
        .get(18)
        ?.toString('hex'),
    ).toBe('0005');
  });

  test('of others stays, and so does what is no entry or cut off', () => {
    expect(encodeDeleteOf(message(TRANSLATED), victims([10, 0, 0, 1]))).toBeUndefined();
    expect(encodeDeleteOf(message(TRANSLATED, 0x102), victims(CLIENT))).toBeUndefined();
    for (let length = 0; length < TRANSLATED.length; length++) {
      expect(() => encodeDeleteOf(message(TRANSLATED.subarray(0, length)), victims(CLIENT))).not.toThrow();
    }
    expect(encodeDeleteOf(message(TRANSLATED.subarray(0, 20)), victims(CLIENT))).toBeUndefined();
  });
});
