import { describe, expect, test } from '@jest/globals';
import { messagesOf, type NetlinkMessage } from '../netlink-message.ts';
import { classKey, encodeDatagram } from './datagram.ts';
import { classChain, classOfChain, commentOf, ruleCounts, tableContent } from './fence-table.ts';
import { fenceTimes } from './ladder.ts';
import { addElements, decodeElements, decodeTable, framed, newTable } from './nft-message.ts';

const only = (requests: readonly Buffer[]): NetlinkMessage => {
  const [message, ...others] = messagesOf(Buffer.concat(requests));
  if (!message || others.length > 0) throw new Error('not one message');
  return message;
};
const TIMES = fenceTimes(1_000, 4);

describe('datagrams', () => {
  test('are kind, step and class', () => {
    expect(encodeDatagram('guard', 0, 1)).toEqual(Buffer.from('670001000000', 'hex'));
    expect(encodeDatagram('refresh', 20, 0x1234)).toEqual(Buffer.from('721434120000', 'hex'));
  });
});

describe('requests to nf_tables', () => {
  test('are framed as one change', () => {
    const types = [...messagesOf(Buffer.concat(framed([newTable('t', 0, 'c')])))].map(({ type }) => type);
    expect(types).toEqual([0x10, 0x0a00, 0x11]);
  });

  test('a table keeps its comment where nft looks for it', () => {
    const message = only([newTable('vippool', 6, 'hello')]);
    expect(message.payload.toString('latin1')).toContain('\0\x06hello\0');
    expect(decodeTable(message)).toBe('hello');
  });

  test('elements come back as they were, also more than one request can hold', () => {
    const elements = Array.from({ length: 2_500 }, (_, n) => ({ key: classKey(n), chain: classChain(n % 3) }));
    const requests = addElements('t', 's', elements);
    expect(requests.length).toBeGreaterThan(1);
    for (const request of requests) expect(request.length).toBeLessThan(1 << 17);
    const decoded = [...messagesOf(Buffer.concat(requests))].flatMap(decodeElements);
    expect(decoded.map(({ key, chain }) => [Buffer.from(key), chain])).toEqual(
      elements.map(({ key, chain }) => [key, chain]),
    );
  });

  test.each([0, 7, 65_535])('the chain of class %d names it', (fenceClass) => {
    expect(classOfChain(classChain(fenceClass))).toBe(fenceClass);
    expect(classOfChain('guarded')).toBeUndefined();
  });

  test('all rules of the table are counted, and its comment tells rules apart', () => {
    const rules = [...messagesOf(Buffer.concat(tableContent(TIMES, 911)))].filter(({ type }) => (type & 0xff) === 6);
    const counted = [...ruleCounts(TIMES, 911).values()].reduce((sum, count) => sum + count, 0);
    expect(rules.length).toBe(counted);
    const comments = [
      commentOf(TIMES, 911),
      commentOf(TIMES, 912),
      commentOf(fenceTimes(300, 4), 911),
      commentOf(fenceTimes(1_000, 10), 911),
      commentOf(fenceTimes(600_000, 10 / 3), 911),
    ];
    expect(new Set(comments).size).toBe(5);
    // The kernel keeps 256 bytes, with a header and an end.
    for (const comment of comments) expect(comment.length).toBeLessThanOrEqual(253);
  });
});
