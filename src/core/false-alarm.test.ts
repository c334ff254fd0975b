import { describe, expect, it } from '@jest/globals';
import { check } from '../testing/core-builders.ts';
import { type Damped, UNSEEN } from './damping.ts';
import { type Alarm, followAlarm } from './false-alarm.ts';
import { NO_HEALTH } from './health-spec.ts';
import { type HealthVerdict, judgeChecks } from './health-verdict.ts';
import { checkState } from '../testing/core-builders.ts';
import { monotonic } from './time.ts';

const CHECKS = [check('nfs'), check('ping', { intervalMs: 100, timeoutMs: 100 })];
/** A node that began to fail these checks then. */
const failing = (at: number, ...names: readonly string[]): { verdict: HealthVerdict; fault: Damped } => ({
  verdict: judgeChecks(
    CHECKS,
    CHECKS.map(({ name }) => checkState(name, names.includes(name) ? 'Failing' : 'Passing')),
    () => undefined,
    monotonic(at),
  ),
  fault: { ...UNSEEN, isBad: names.length > 0, lastAt: monotonic(at) },
});
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
    const node = (state: 'Idle' | 'Failing' | 'Passing', lastAt: number, before?: HealthVerdict) => ({
      verdict: judgeChecks(checks, [checkState('nfs', state)], () => undefined, monotonic(0), before),
      fault: { ...UNSEEN, isBad: before !== undefined || state === 'Failing', lastAt: monotonic(lastAt) },
    });
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

  it('is told by the check that takes longest to recover', () => {
    const both = look([failing(0, 'ping', 'nfs'), failing(0, 'nfs', 'ping')]);
    expect(both?.check).toBe('nfs');
    expect(look([failing(0, 'nfs'), failing(0, 'nfs', 'ping')], 6_000, both)).toBe(both);
    const ping = look([failing(0, 'ping'), failing(0, 'ping', 'nfs')]);
    expect(look([failing(0, 'nfs'), failing(0, 'nfs')], 6_000, ping)).toEqual({ check: 'nfs', endsAt: undefined });
  });
});
