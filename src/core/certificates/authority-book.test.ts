import { describe, expect, test } from '@jest/globals';
import {
  type Authority,
  AUTHORITY_MS,
  type AuthorityBook,
  type AuthorityFacts,
  bookText,
  created,
  dueStep,
  promoted,
  published,
  readBook,
  retired,
  trustedOf,
} from './authority-book.ts';
import { LEAF_MS } from './renewal.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const QUIET: AuthorityFacts = { isAsked: false, isLearned: true };
const authority = (name: string, fromMs: number): Authority => ({
  certificate: `${name}\n`,
  privateKey: `key of ${name}`,
  untilMs: fromMs + AUTHORITY_MS,
});
const OLD = authority('old', 0);

test('where there is none, one is made, and stays for years', () => {
  expect(dueStep(undefined, 0, QUIET)).toEqual({ kind: 'create' });
  const book = created(OLD);
  expect(dueStep(book, 600 * DAY_MS, QUIET)).toEqual({ kind: 'none' });
  expect(trustedOf(book)).toBe('old\n');
});

describe('another authority', () => {
  const publishedAtMs = 650 * DAY_MS;
  const both = published(created(OLD), authority('new', publishedAtMs), publishedAtMs);

  test('is published in time, or when somebody asks', () => {
    expect(dueStep(created(OLD), publishedAtMs, QUIET)).toEqual({ kind: 'publish', reason: 'ends' });
    expect(dueStep(created(OLD), DAY_MS, { ...QUIET, isAsked: true })).toEqual({ kind: 'publish', reason: 'asked' });
  });

  test('is trusted before it certifies', () => {
    expect(trustedOf(both)).toBe('old\nnew\n');
    expect(both.issuer).toBe(OLD);
    expect(dueStep(both, publishedAtMs + HOUR_MS - 1, { ...QUIET, isAsked: true })).toEqual({ kind: 'none' });
    expect(dueStep(both, publishedAtMs + HOUR_MS, QUIET)).toEqual({ kind: 'promote' });
  });

  test('certifies only when all have learned of it, unless the older one is over', () => {
    const unlearned = { ...QUIET, isLearned: false };
    expect(dueStep(both, publishedAtMs + 30 * DAY_MS, unlearned)).toEqual({ kind: 'none' });
    expect(dueStep(both, OLD.untilMs, unlearned)).toEqual({ kind: 'promote' });
  });

  test('outlives everything that the older one has certified, whose key is gone at once', () => {
    const promotedAtMs = publishedAtMs + HOUR_MS;
    const book = promoted(both, promotedAtMs);
    expect(trustedOf(book)).toBe('new\nold\n');
    expect(bookText(book)).not.toContain(OLD.privateKey);
    expect(dueStep(book, promotedAtMs + LEAF_MS, QUIET)).toEqual({ kind: 'none' });
    const endMs = promotedAtMs + LEAF_MS + DAY_MS;
    expect(dueStep(book, endMs, QUIET)).toEqual({ kind: 'retire' });
    expect(trustedOf(retired(book, endMs))).toBe('new\n');
    expect(dueStep(retired(book, endMs), endMs, QUIET)).toEqual({ kind: 'none' });
  });

  test('can be asked for again and again', () => {
    let book = promoted(both, publishedAtMs);
    book = promoted(published(book, authority('newest', publishedAtMs), publishedAtMs), publishedAtMs);
    expect(trustedOf(book)).toBe('newest\nnew\nold\n');
  });
});

test('an issuer that is over is replaced in two steps without a wait', () => {
  const nowMs = AUTHORITY_MS + 1;
  expect(dueStep(created(OLD), nowMs, QUIET)).toEqual({ kind: 'publish', reason: 'ends' });
  const both = published(created(OLD), authority('new', nowMs), nowMs);
  expect(dueStep(both, nowMs, { ...QUIET, isLearned: false })).toEqual({ kind: 'promote' });
  expect(dueStep(promoted(both, nowMs), nowMs, QUIET)).toEqual({ kind: 'retire' });
});

describe('the kept text', () => {
  const books: AuthorityBook[] = [
    created(OLD),
    published(created(OLD), OLD, 5),
    promoted(published(created(OLD), OLD, 5), 9),
  ];
  test.each(books)('is read as it was written: %#', (book) => {
    expect(readBook(bookText(book))).toEqual(book);
  });

  test.each(['', '{', 'null', '{}', '{"issuer":{},"former":[]}', bookText(created({ ...OLD, privateKey: '' }))])(
    'of somebody else is none: %s',
    (text) => {
      expect(readBook(text)).toBeUndefined();
    },
  );
});
