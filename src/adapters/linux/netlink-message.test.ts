import { describe, expect, test } from '@jest/globals';
import { attributesOf, encodeMessage, errorOf, messagesOf, stamp } from './netlink-message.ts';

const NOTHING = Buffer.alloc(0);
const REFUSED = Buffer.from(`240000000200000007000000000000009fffffff${'00'.repeat(16)}`, 'hex');

describe('messagesOf', () => {
  test('splits a datagram at aligned lengths', () => {
    const datagram = Buffer.concat([
      encodeMessage(20, 0x400, NOTHING, [[3, Buffer.from('svc0\0')]]),
      encodeMessage(21, 0, NOTHING),
    ]);
    expect([...messagesOf(datagram)].map(({ type, flags }) => [type, flags])).toEqual([
      [20, 0x401],
      [21, 0x1],
    ]);
  });

  test('stops at a length that cannot be', () => {
    const message = encodeMessage(20, 0, NOTHING);
    const short = Buffer.from(message);
    short.writeUInt32LE(15, 0);
    const long = Buffer.from(message);
    long.writeUInt32LE(17, 0);
    expect([...messagesOf(short)]).toEqual([]);
    expect([...messagesOf(long)]).toEqual([]);
    expect([...messagesOf(Buffer.concat([message, short]))]).toHaveLength(1);
  });
});

test('a refusal carries the number of the request and its errno', () => {
  const [message] = messagesOf(REFUSED);
  expect(message).toMatchObject({ type: 2, sequence: 7 });
  expect(message && errorOf(message)).toBe(97);
});

test('a request is numbered in place and asks for an acknowledgement or not', () => {
  const message = encodeMessage(20, 0x400, NOTHING);
  stamp(message, 42, true);
  expect([...messagesOf(message)]).toMatchObject([{ sequence: 42, flags: 0x405 }]);
  stamp(message, 43, false);
  expect([...messagesOf(message)]).toMatchObject([{ sequence: 43, flags: 0x401 }]);
});

describe('attributesOf', () => {
  test('reads attributes of odd length and of nested kind', () => {
    const message = encodeMessage(20, 0, Buffer.alloc(8), [
      [3, Buffer.from('abcde')],
      [18 | 0x8000, Buffer.of(1, 2, 3, 4)],
    ]);
    expect(message.subarray(24).toString('hex')).toBe('0900030061626364650000000800128001020304');
    expect([...attributesOf(message, 24)].map(([type, value]) => [type, value.toString('hex')])).toEqual([
      [3, '6162636465'],
      [18, '01020304'],
    ]);
  });

  test('stops at a length that cannot be', () => {
    expect(attributesOf(Buffer.from('03000100', 'hex'), 0).size).toBe(0);
    expect(attributesOf(Buffer.from('ff000100', 'hex'), 0).size).toBe(0);
  });
});
