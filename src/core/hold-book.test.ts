import { describe, expect, it } from '@jest/globals';
import { lease, n } from '../testing/core-builders.ts';
import { bookHolds, NO_BOOK, spentLeases } from './hold-book.ts';
import { NEVER } from './time.ts';

const LEASE = { node: n('node-1'), lease: lease('life-of-node-1') };

describe('a lease whose VIPs are about to be given away', () => {
  const lost = { ...LEASE, key: 'key', since: NEVER, isOver: true, mayHold: new Set<never>(), kept: new Set<never>() };
  const verdict = { lost: [lost], kept: new Set<never>(), wakeAt: NEVER };
  const book = bookHolds(NO_BOOK, { ...verdict, condemned: [LEASE] }, new Map(), new Map());

  it('is refused before they are', () => {
    expect(spentLeases(book, new Map())).toEqual([LEASE]);
  });

  it('may be acknowledged again when they are not', () => {
    const after = bookHolds(book, { ...verdict, condemned: [] }, new Map(), new Map());
    expect(spentLeases(after, new Map())).toEqual([]);
  });
});
