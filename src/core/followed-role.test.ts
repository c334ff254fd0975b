import { describe, expect, it } from '@jest/globals';
import { checkName, type CheckName } from './checks.ts';
import { type FollowedRole, followRole, perhapsWithRole, withRole } from './followed-role.ts';
import { DEFAULT_DAMPING } from './health-spec.ts';
import { nodeName } from './ids.ts';
import { monotonic, NEVER } from './time.ts';

const PRIMARY = checkName('primary');
type Step = readonly [at: number, state: 'Passing' | 'Failing' | 'Pending'];

const run = (steps: readonly Step[], before?: FollowedRole, check: CheckName = PRIMARY): FollowedRole | undefined =>
  steps.reduce<FollowedRole | undefined>(
    (role, [at, state]) => followRole(role, check, { state, sinceMs: 0 }, DEFAULT_DAMPING, monotonic(at)),
    before,
  );

describe('the role that a pool follows', () => {
  it('counts at once where it is won for the first time, and after it was lost once', () => {
    expect(run([[0, 'Failing']])?.has).toBe('no');
    const won: Step[] = [
      [0, 'Failing'],
      [1_000, 'Passing'],
    ];
    expect(run(won)).toMatchObject({ has: 'yes', damped: { times: 0, soundSince: 1_000 } });
    expect(run([...won, [2_000, 'Failing'], [3_000, 'Passing']])).toMatchObject({ has: 'yes', damped: { times: 1 } });
  });

  const flapping: Step[] = [0, 1, 2, 3, 4, 5, 6].map((second) => [
    second * 1_000,
    second % 2 === 0 ? 'Passing' : 'Failing',
  ]);

  it('is held off where it was lost for the second time, and counts for want of another one after base', () => {
    const held = run(flapping);
    // Lost at 1, 3 and within its hold-off at 5 s.
    expect(held).toMatchObject({ has: 'no', heldOffUntil: 36_000, wakeAt: 36_000, damped: { times: 2 } });
    expect(run([[36_000, 'Passing']], held)).toMatchObject({ has: 'yes' });
    const again = run(
      [
        [37_000, 'Failing'],
        [38_000, 'Passing'],
      ],
      run([[36_000, 'Passing']], held),
    );
    expect(again).toMatchObject({ has: 'no', heldOffUntil: 98_000, wakeAt: 68_000 });
    expect(run([[68_000, 'Passing']], again)).toMatchObject({ has: 'perhaps', wakeAt: 98_000 });
  });

  it('is unclear while nobody can tell, which is no loss', () => {
    const role = run([
      [0, 'Passing'],
      [1_000, 'Pending'],
    ]);
    expect(role).toMatchObject({ has: 'unclear', damped: { times: 0, soundSince: undefined } });
    expect(run([[2_000, 'Passing']], role)).toMatchObject({ has: 'yes', damped: { soundSince: 2_000 } });
  });

  it('is gone where it was lost before nobody could tell', () => {
    const lost: Step[] = [
      [0, 'Passing'],
      [1_000, 'Failing'],
    ];
    expect(run([...lost, [2_000, 'Pending']])?.has).toBe('no');
    expect(run([...lost, [2_000, 'Passing'], [3_000, 'Pending']])?.has).toBe('unclear');
  });

  it('is everywhere where the check is switched off, and new where another check is followed', () => {
    const off = followRole(undefined, PRIMARY, undefined, DEFAULT_DAMPING, monotonic(0));
    expect(off).toMatchObject({ has: 'yes', damped: { soundSince: NEVER } });
    const other = run([[9_000, 'Passing']], run(flapping), checkName('leader'));
    expect(other).toMatchObject({ has: 'yes', damped: { times: 0 } });
  });

  it('goes to who has it for certain, else to who has had it for long enough', () => {
    const role = (has: FollowedRole['has']): FollowedRole => ({ ...(run([[0, 'Passing']]) as FollowedRole), has });
    const nodes = (...has: readonly FollowedRole['has'][]) =>
      has.map((item, i) => [nodeName(`node-${i}`), role(item)] as const);
    expect(withRole(nodes('no', 'yes', 'perhaps'))).toEqual(['node-1']);
    expect(withRole(nodes('no', 'perhaps', 'perhaps'))).toEqual(['node-1', 'node-2']);
    expect(withRole([[nodeName('node-0'), undefined]])).toEqual([]);
    expect(withRole(nodes('unclear', 'no'))).toEqual([]);
    expect(perhapsWithRole(nodes('yes', 'unclear', 'no', 'perhaps'))).toEqual(['node-1', 'node-3']);
    expect(perhapsWithRole(nodes('no', 'perhaps', 'unclear'))).toEqual(['node-2']);
  });
});
