import { describe, expect, it } from '@jest/globals';
import { check } from '../testing/core-builders.ts';
import type { CheckState } from './check-state.ts';
import type { Check } from './checks.ts';
import { UNSEEN } from './damping.ts';
import { type Alarm, followAlarm, followFalls } from './false-alarm.ts';
import { NO_HEALTH } from './health-spec.ts';
import { type HealthVerdict, judgeChecks } from './health-verdict.ts';
import { checkState } from '../testing/core-builders.ts';
import { monotonic } from './time.ts';

const CHECKS = [check('nfs'), check('ping', { intervalMs: 100, timeoutMs: 100 })];
/** A node on which these checks began to fail then. */
const failing = (at: number, ...names: readonly string[]) =>
  fallen(
    CHECKS,
    CHECKS.map(({ name }) => checkState(name, names.includes(name) ? 'Failing' : 'Passing', { sinceMs: 0 })),
    at,
  );
const fallen = (checks: readonly Check[], reported: readonly CheckState[], at: number, before?: HealthVerdict) => {
  const verdict = judgeChecks(checks, reported, () => undefined, monotonic(at), before);
  const isBad = before !== undefined || verdict.failing.length > 0;
  return { verdict, fault: { ...UNSEEN, isBad }, falls: followFalls(undefined, checks, reported, monotonic(at)) };
};
const look = (nodes: readonly ReturnType<typeof failing>[], now = 6_000, before?: Alarm) =>
  followAlarm(before, { ...NO_HEALTH, checks: CHECKS }, nodes, monotonic(now));

describe('a fault with one cause outside of the nodes', () => {
  it('is the same check that began to fail on all of them within the time in which it is noticed', () => {
    expect(look([failing(1_000, 'nfs'), failing(6_000, 'nfs')])).toEqual({ check: 'nfs', endsAt: undefined });
    expect(look([failing(999, 'nfs'), failing(6_000, 'nfs')])).toBeUndefined();
  });

  it('is not one of a single node, of some nodes, or of different checks', () => {
    expect(look([failing(0, 'nfs')])).toBeUndefined();
    expect(look([failing(0, 'nfs'), failing(0)])).toBeUndefined();
    expect(look([failing(0, 'nfs'), failing(0, 'ping')])).toBeUndefined();
  });

  it('lasts until the others had the time to notice that it is over', () => {
    const alarm = look([failing(0, 'nfs'), failing(0, 'nfs')]);
    const ending = look([failing(0), failing(0, 'nfs')], 10_000, alarm);
    expect(ending).toEqual({ check: 'nfs', endsAt: 15_000 });
    expect(look([failing(0), failing(0, 'nfs')], 14_999, ending)).toBe(ending);
    expect(look([failing(0), failing(0, 'nfs')], 15_000, ending)).toBeUndefined();
    expect(look([failing(0), failing(0)], 11_000, ending)).toBeUndefined();
  });

  it('is a check of holders that failed on three of them in a row, and passes nowhere; then they wait for base', () => {
    const checks = [check('nfs', { role: 'Holder' })];
    const node = (state: CheckState['state'], at: number, before?: HealthVerdict) =>
      fallen(checks, [checkState('nfs', state, { sinceMs: 0 })], at, before);
    const rested = (at: number): ReturnType<typeof node> => node('Idle', at, node('Failing', at).verdict);
    const seen = (now: number, ...nodes: readonly ReturnType<typeof node>[]): Alarm | undefined =>
      followAlarm(undefined, { ...NO_HEALTH, checks }, nodes, monotonic(now));
    const [idle, failing] = [node('Idle', 0), node('Failing', 9_000)];
    expect(seen(9_000, rested(1_000), rested(5_000), failing, idle)).toEqual({ check: 'nfs', endsAt: 39_000 });
    expect(seen(39_000, rested(1_000), rested(5_000), failing, idle)).toBeUndefined();
    expect(seen(9_000, rested(1_000), failing)).toEqual({ check: 'nfs', endsAt: 39_000 });
    expect(seen(9_000, rested(5_000), failing, idle, idle)).toBeUndefined();
    expect(seen(9_000, rested(1_000), rested(5_000), failing, node('Passing', 0))).toBeUndefined();
    expect(seen(9_000, rested(1_000), rested(5_000), rested(9_000), idle)).toBeUndefined();
  });

  it('is seen also where another check failed before, or a repair is tried', () => {
    const reported = [checkState('nfs', 'Failing', { sinceMs: 0 }), checkState('ping', 'Failing', { sinceMs: 9_000 })];
    expect(look([fallen(CHECKS, reported, 9_000), failing(9_500, 'nfs')])?.check).toBe('nfs');
    const repairing = [checkState('nfs', 'Failing', { sinceMs: 0, repairing: true }), checkState('ping', 'Passing')];
    expect(look([fallen(CHECKS, repairing, 9_000), failing(9_500, 'nfs')])?.check).toBe('nfs');
  });

  it('goes on where one was well for a moment', () => {
    const alarm = look([failing(0, 'nfs'), failing(0, 'nfs')]);
    const ending = look([failing(0), failing(0, 'nfs')], 10_000, alarm);
    expect(look([failing(14_000, 'nfs'), failing(0, 'nfs')], 14_000, ending)).toEqual(alarm);
    expect(look([failing(14_000, 'nfs'), failing(0, 'nfs')], 14_000)).toBeUndefined();
  });

  it('is told by the check that takes longest to recover', () => {
    const both = look([failing(0, 'ping', 'nfs'), failing(0, 'nfs', 'ping')]);
    expect(both?.check).toBe('nfs');
    expect(look([failing(0, 'nfs'), failing(0, 'nfs', 'ping')], 6_000, both)).toBe(both);
    const ping = look([failing(0, 'ping'), failing(0, 'ping', 'nfs')]);
    expect(look([failing(0, 'nfs'), failing(0, 'nfs')], 6_000, ping)).toEqual({ check: 'nfs', endsAt: undefined });
  });
});

describe('when a check began to fail', () => {
  const failing = [checkState('nfs', 'Failing', { sinceMs: 500 })];

  it('is what the node told first', () => {
    const falls = followFalls(undefined, CHECKS, failing, monotonic(2_000));
    expect([...falls]).toEqual([['nfs', 1_500]]);
    expect(followFalls(falls, CHECKS, failing, monotonic(9_000))).toBe(falls);
    const again = followFalls(followFalls(falls, CHECKS, [], monotonic(9_000)), CHECKS, failing, monotonic(9_500));
    expect([...again]).toEqual([['nfs', 9_000]]);
  });

  it('is of no interest where the check only degrades', () => {
    expect(followFalls(undefined, [check('nfs', { severity: 'Degrade' })], failing, monotonic(0)).size).toBe(0);
  });
});
