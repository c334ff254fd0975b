import { describe, expect, test } from '@jest/globals';
import { messagesOf, type NetlinkMessage } from '../netlink-message.ts';
import { classKey, encodeDatagram } from './datagram.ts';
import { classChain, classOfChain, commentOf, ruleCounts, tableContent, wordIn } from './fence-table.ts';
import { fenceTimes } from './ladder.ts';
import { addElements, decodeElements, decodeTable, framed, newTable } from './nft-message.ts';

const only = (requests: readonly Buffer[]): NetlinkMessage => {
  const [message, ...others] = messagesOf(Buffer.concat(requests));
  if (!message || others.length > 0) throw new Error('not one message');
  return message;
};
const TIMES = fenceTimes(1_000, 4);
const WORD = Buffer.from('0123456789abcdef', 'hex');
const RULES = { times: TIMES, port: 911, word: WORD };

describe('datagrams', () => {
  test('are kind, step, class and word', () => {
    expect(encodeDatagram('guard', 0, 1, WORD).toString('hex')).toBe('6700010000000123456789abcdef');
    expect(encodeDatagram('refresh', 20, 0x1234, WORD).toString('hex')).toBe('7214341200000123456789abcdef');
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
    const rules = [...messagesOf(Buffer.concat(tableContent(RULES)))].filter(({ type }) => (type & 0xff) === 6);
    const counted = [...ruleCounts(RULES).values()].reduce((sum, count) => sum + count, 0);
    expect(rules.length).toBe(counted);
    const comments = [
      commentOf(RULES),
      commentOf({ ...RULES, port: 912 }),
      commentOf({ ...RULES, word: Buffer.from('fedcba9876543210', 'hex') }),
      commentOf({ ...RULES, times: fenceTimes(300, 4) }),
      commentOf({ ...RULES, times: fenceTimes(1_000, 10) }),
      commentOf({ ...RULES, times: fenceTimes(600_000, 10 / 3) }),
    ];
    expect(new Set(comments).size).toBe(6);
    // The kernel keeps 256 bytes, with a header and an end.
    for (const comment of comments) expect(comment.length).toBeLessThanOrEqual(253);
  });

  test('the next agent finds the word of a table with its rules, and of no other one', () => {
    const comment = commentOf(RULES);
    expect(wordIn(comment, RULES)).toEqual(WORD);
    expect(wordIn(comment, { ...RULES, port: 912 })).toBeUndefined();
    expect(wordIn(comment, { ...RULES, times: fenceTimes(300, 4) })).toBeUndefined();
    for (const other of ['', comment.slice(0, -1), `${comment}0`, `${comment.slice(0, -1)}x`, `${comment} more`]) {
      expect(wordIn(other, RULES)).toBeUndefined();
    }
  });
});
