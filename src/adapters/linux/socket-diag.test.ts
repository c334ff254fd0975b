import { expect, test } from '@jest/globals';
import type { NetlinkMessage } from './netlink-message.ts';
import { encodeDestroyOf } from './socket-diag.ts';

/** An established connection from both sides, recorded from Linux 6.18: 192.0.2.7:5000, and ::ffff:192.0.2.50:7000. */
const IPV4 = Buffer.from(
  'AgEAABOIG1jAAAIHAAAAAAAAAAAAAAAAwAACMgAAAAAAAAAAAAAAAAAAAAAPAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABUhxIABQAIAAAAAAAIAA8AAAAAAAwAFQABAAAAAAAAAAYAFgBSAAAA',
  'base64',
);
const MAPPED = Buffer.from(
  'CgEAABtYE4gAAAAAAAAAAAAA///AAAIyAAAAAAAAAAAAAP//wAACBwAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABVhxIABQAIAAAAAAAIAA8AAAAAAAwAFQABAAAAAAAAAAYAFgASAAAA',
  'base64',
);
const message = (payload: Buffer, type = 20): NetlinkMessage => ({ type, flags: 2, sequence: 1, payload });
const victims = (...ips: readonly string[]): Set<string> =>
  new Set(ips.map((ip) => Buffer.from(ip, 'hex').toString('latin1')));

test.each([
  ['IPv4', IPV4, 'c0000207', 2],
  ['IPv4 on an IPv6 socket', MAPPED, 'c0000232', 10],
])('%s: the socket of a local address is ended, by its cookie', (_, payload, ip, family) => {
  const request = encodeDestroyOf(message(payload), victims('0a000001', ip));
  expect(request?.readUInt16LE(4)).toBe(21);
  expect(request?.subarray(16, 18)).toEqual(Buffer.from([family, 6]));
  expect(request?.subarray(24)).toEqual(payload.subarray(4, 52));
});

test('IPv6: all 16 bytes count', () => {
  const payload = Buffer.from(MAPPED);
  payload.write('20010db8000000000000000000000050', 8, 'hex');
  expect(encodeDestroyOf(message(payload), victims('20010db8000000000000000000000050'))).toBeDefined();
  expect(encodeDestroyOf(message(payload), victims('00000050'))).toBeUndefined();
});

test('the far end does not count, nor does what is no socket', () => {
  expect(encodeDestroyOf(message(IPV4), victims('c0000232'))).toBeUndefined();
  expect(encodeDestroyOf(message(IPV4, 21), victims('c0000207'))).toBeUndefined();
  expect(encodeDestroyOf(message(IPV4.subarray(0, 71)), victims('c0000207'))).toBeUndefined();
});
