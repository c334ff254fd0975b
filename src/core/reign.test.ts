import { describe, expect, it } from '@jest/globals';
import { term } from '../testing/core-builders.ts';
import { controllerId } from './ids.ts';
import { beatAcknowledged, beatSent, hasAuthority, hasLapsed, newReign, type Reign, reignEnd } from './reign.ts';
import { monotonic } from './time.ts';
import { promiseMs, TIMING_PROFILES } from './timing.ts';

const timing = TIMING_PROFILES.Default;
const at = monotonic;
const [c1, c2, c3] = ['c1', 'c2', 'c3'].map(controllerId) as [
  ReturnType<typeof controllerId>,
  ReturnType<typeof controllerId>,
  ReturnType<typeof controllerId>,
];
const QUORUM = 2;

/** Voted for with requests sent at 0: the votes count until 500. */
const fresh = (): Reign => newReign(term(1), at(timing.leaderLeaseMs), [], at(0));
const beaten = (reign: Reign, now: number): Reign => beatSent(reign, 100, at(now));
const acked = (reign: Reign, sequence: number, ...who: (typeof c1)[]): Reign =>
  who.reduce((next, id) => beatAcknowledged(next, id, sequence, QUORUM, timing), reign);

describe('the authority of a master', () => {
  it('is nothing by votes alone', () => {
    expect(hasAuthority(fresh(), at(0))).toBe(false);
    expect(hasAuthority(acked(beaten(fresh(), 0), 1, c1), at(0))).toBe(false);
  });

  it('begins with the acknowledgement of a majority, and counts from the moment the beat was sent', () => {
    const reign = acked(beaten(fresh(), 10), 1, c1, c2);
    expect(reign.authorityUntil).toBe(10 + 500 - 100);
    expect([hasAuthority(reign, at(409)), hasAuthority(reign, at(410))]).toEqual([true, false]);
  });

  it('ends before any promise of that majority does', () => {
    const reign = acked(beaten(fresh(), 10), 1, c1, c2);
    expect(reign.authorityUntil * 1.01).toBeLessThan(10 + promiseMs(timing));
  });

  it('is the beat that a majority has acknowledged, not the newest one', () => {
    const reign = acked(acked(beaten(beaten(fresh(), 0), 100), 2, c1), 1, c2);
    expect(reign.authorityUntil).toBe(400);
    expect(acked(reign, 2, c3).authorityUntil).toBe(500);
  });

  it('is never shortened by an answer that was overtaken, nor extended by one controller twice', () => {
    const reign = acked(beaten(beaten(fresh(), 0), 100), 2, c1, c2);
    expect(acked(reign, 1, c1, c2, c3).authorityUntil).toBe(500);
    expect(acked(beaten(reign, 200), 3, c1, c1, c1).authorityUntil).toBe(500);
  });

  it('is not extended by a beat that was never sent', () => {
    expect(acked(beaten(fresh(), 0), 7, c1, c2)).toEqual(beaten(fresh(), 0));
  });

  it('is not extended by a beat that was sent too long ago', () => {
    let reign = fresh();
    for (let sequence = 1; sequence <= 17; sequence++) reign = beaten(reign, 100 * sequence);
    expect(acked(reign, 1, c1, c2).authorityUntil).toBe(reign.authorityUntil);
    expect(acked(reign, 2, c1, c2).authorityUntil).toBe(600);
  });

  it('is extended by each of many beats that were sent within a moment, as when many leases end at once', () => {
    let reign = fresh();
    for (let sequence = 1; sequence <= 200; sequence++) reign = beaten(reign, sequence / 10);
    expect(acked(reign, 100, c1, c2).authorityUntil).toBe(410);
  });
});

describe('a reign', () => {
  it('is over with the votes where no majority has acknowledged by then', () => {
    const reign = acked(beaten(fresh(), 0), 1, c1);
    expect(reignEnd(reign)).toBe(500);
    expect([hasLapsed(reign, at(499)), hasLapsed(reign, at(500))]).toEqual([false, true]);
  });

  it('is over with its authority, although the votes would still count', () => {
    const reign = acked(beaten(fresh(), 0), 1, c1, c2);
    expect([hasLapsed(reign, at(399)), hasLapsed(reign, at(400))]).toEqual([false, true]);
  });

  it('beats at once, and then with each period', () => {
    expect(fresh().beatAt).toBe(0);
    expect(beaten(fresh(), 3)).toMatchObject({ sequence: 1, beatAt: 103 });
  });
});
