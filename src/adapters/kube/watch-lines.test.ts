import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { LineSplitter, parseWatchLine } from './watch-lines.ts';

test('lines come out whole, wherever the chunks are cut', () => {
  const line = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => !text.includes('\n') && text.trim() !== '');
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (lines, size) => {
      const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(''));
      const splitter = new LineSplitter();
      const out: string[] = [];
      for (let at = 0; at < bytes.length; at += size) out.push(...splitter.push(bytes.subarray(at, at + size)));
      // A byte order mark is no part of a text.
      expect(out.join('\n')).toBe(lines.join('\n').replace(/^\uFEFF/, ''));
    }),
  );
});

test('a line without end is refused', () => {
  const splitter = new LineSplitter();
  const chunk = new Uint8Array(9 * 1024 * 1024).fill(97);
  splitter.push(chunk);
  expect(() => splitter.push(chunk)).toThrow('too long');
});

describe('a watch line', () => {
  const metadata = { name: 'nas', resourceVersion: '8', uid: 'u', generation: 2, creationTimestamp: 't' };

  test.each([
    ['ADDED', 'put'],
    ['MODIFIED', 'put'],
    ['DELETED', 'deleted'],
  ])('%s carries the object', (type, kind) => {
    const event = parseWatchLine(JSON.stringify({ type, object: { metadata, spec: { a: 1 } } }));
    expect(event).toEqual({
      kind,
      object: {
        metadata: { ...metadata, deletionTimestamp: undefined, finalizers: [], labels: {} },
        spec: { a: 1 },
        status: undefined,
      },
    });
  });

  test('BOOKMARK carries a version', () => {
    const line = '{"type":"BOOKMARK","object":{"kind":"VipPool","metadata":{"resourceVersion":"99"}}}';
    expect(parseWatchLine(line)).toEqual({ kind: 'bookmark', resourceVersion: '99' });
  });

  test('ERROR carries status and message', () => {
    const line = '{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}';
    expect(parseWatchLine(line)).toEqual({ kind: 'error', status: 410, message: 'too old' });
  });

  test.each([
    ['no JSON', '{"type":'],
    ['no object', '{"type":"ADDED"}'],
    ['no name', '{"type":"ADDED","object":{"metadata":{}}}'],
    ['a type of the future', '{"type":"MOVED","object":{"metadata":{"name":"a"}}}'],
    ['a bookmark without version', '{"type":"BOOKMARK","object":{"metadata":{}}}'],
    ['null', 'null'],
  ])('%s is refused', (_, line) => {
    expect(() => parseWatchLine(line)).toThrow('not a watch event');
  });
});
