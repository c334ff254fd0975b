import { describe, expect, it } from '@jest/globals';
import { check, checkState } from '../testing/core-builders.ts';
import { faultText, judgeChecks } from './health-verdict.ts';
import { monotonic } from './time.ts';

const AT = monotonic(10_000);
const never = (): undefined => undefined;
const judge = (
  wanted: Parameters<typeof judgeChecks>[0],
  reported: Parameters<typeof judgeChecks>[1],
  since: Parameters<typeof judgeChecks>[2] = never,
  now = AT,
): ReturnType<typeof judgeChecks> => judgeChecks(wanted, reported, since, now);

describe('what the checks of a pool say of a node', () => {
  it('is healthy where nothing is checked, or nothing in its role', () => {
    expect(judge([], []).state).toBe('Healthy');
    expect(judge([check('nfs', { role: 'Holder' })], [checkState('nfs', 'Idle')])).toMatchObject({
      state: 'Healthy',
      passingMs: Infinity,
    });
  });

  it('is healthy since the last of its checks passes', () => {
    const reported = [checkState('nfs', 'Passing', { sinceMs: 700 }), checkState('smb', 'Passing', { sinceMs: 300 })];
    expect(judge([check('nfs'), check('smb')], reported)).toMatchObject({ state: 'Healthy', passingMs: 300 });
  });

  it.each(['Failing', 'Unknown'] as const)('is unhealthy with a check that is %s, and says which', (state) => {
    const reported = [checkState('nfs', state, { output: 'no answer' }), checkState('smb')];
    const verdict = judge([check('nfs'), check('smb')], reported);
    expect(verdict).toMatchObject({ state: 'Unhealthy', failing: [{ name: 'nfs', state, output: 'no answer' }] });
  });

  it('waits for a check that has no verdict, and while a repair is tried', () => {
    expect(judge([check('nfs')], [checkState('nfs', 'Pending')]).state).toBe('Pending');
    expect(judge([check('nfs')], [checkState('nfs', 'Failing', { repairing: true })]).state).toBe('Pending');
  });

  it('remembers what failed when it was run last, for as long as it is not run', () => {
    const wanted = [check('nfs', { role: 'Holder' }), check('raid', { role: 'Holder', severity: 'Degrade' })];
    const after = (before: ReturnType<typeof judge>, state: 'Idle' | 'Passing'): ReturnType<typeof judge> =>
      judgeChecks(wanted, [checkState('nfs', state), checkState('raid', state)], never, AT, before);
    const failed = judge(wanted, [checkState('nfs', 'Failing'), checkState('raid')]);
    const rested = after(failed, 'Idle');
    expect(rested).toMatchObject({ state: 'Unproven', unproven: [{ name: 'nfs' }], idle: ['nfs', 'raid'] });
    expect(after(rested, 'Idle').state).toBe('Unproven');
    expect(after(rested, 'Passing')).toMatchObject({ state: 'Healthy', unproven: [], idle: [] });
    const degraded = after(judge(wanted, [checkState('nfs'), checkState('raid', 'Failing')]), 'Idle');
    expect(degraded).toMatchObject({ state: 'Healthy', unproven: [{ name: 'raid' }] });
  });

  it('does not wait where another check has failed', () => {
    const reported = [checkState('nfs', 'Pending'), checkState('smb', 'Failing')];
    expect(judge([check('nfs'), check('smb')], reported).state).toBe('Unhealthy');
  });

  it('waits for a check that was never reported as long as a fault may go unnoticed, and no longer', () => {
    const since = (): typeof AT => AT;
    expect(judge([check('nfs')], [], since, monotonic(14_999))).toMatchObject({ state: 'Pending', wakeAt: 15_000 });
    expect(judge([check('nfs')], [], since, monotonic(15_000))).toMatchObject({
      state: 'Unhealthy',
      failing: [{ name: 'nfs', state: 'Unknown' }],
      wakeAt: Infinity,
    });
    expect(judge([check('nfs')], [], never, monotonic(1e9)).state).toBe('Pending');
  });

  it('takes penalties off one after the other, for what fails and what is unknown', () => {
    const wanted = [
      check('raid', { severity: 'Degrade', penalty: 30 }),
      check('load', { severity: 'Degrade', penalty: 50 }),
      check('temp', { severity: 'Degrade', penalty: 90 }),
    ];
    const reported = [checkState('raid', 'Failing'), checkState('load', 'Unknown'), checkState('temp', 'Pending')];
    expect(judge(wanted, reported)).toMatchObject({ state: 'Healthy', penalty: 65, failing: [] });
  });

  it('tells people of a fault with what the check said', () => {
    const [fault] = judge([check('nfs')], [checkState('nfs', 'Failing', { output: 'timed out' })]).failing;
    expect(fault && faultText(fault)).toBe('check nfs fails: timed out');
    const [unknown] = judge([check('nfs')], [checkState('nfs', 'Unknown')]).failing;
    expect(unknown && faultText(unknown)).toBe('check nfs is unknown');
  });
});
