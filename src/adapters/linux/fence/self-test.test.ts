import { describe, expect, test } from '@jest/globals';
import { fenceTimes } from './ladder.ts';
import { judge, type Watched } from './self-test.ts';

/** Guards of 20 ms, of which up to 8 ms more are acceptable. */
const TIMES = fenceTimes(300, 4);
const PUNCTUAL: Watched = { sentAt: 0, setBy: 0.1, lastAlive: 19 };
const LATE: Watched = { sentAt: 0, setBy: 0.1, lastAlive: 29 };
/** The process stood still between taking the time and sending, so its guard lived later, not longer. */
const DISTURBED: Watched = { sentAt: 0, setBy: 12, lastAlive: 31 };

function judged(rounds: readonly (Watched | undefined)[]): { kind: string; text: string; used: number } {
  let used = 0;
  const result = judge(TIMES, () => rounds[used++ % rounds.length]);
  return { kind: result.kind, text: result.kind === 'failed' ? result.reason : String(result.latenessMs), used };
}

describe('the self-test of the fence', () => {
  test('passes after three guards that ended in time, and tells the worst', () => {
    expect(judged([PUNCTUAL, { ...PUNCTUAL, lastAlive: 23 }, PUNCTUAL])).toEqual({
      kind: 'passed',
      text: '3',
      used: 3,
    });
  });

  test('fails at the first guard that the kernel kept too long', () => {
    expect(judged([PUNCTUAL, LATE])).toMatchObject({ kind: 'failed', used: 2 });
    expect(judged([LATE]).text).toContain('longer than their timeout of 20 ms: by 9 ms, where 8 ms are acceptable');
  });

  test('repeats what it watched on a busy host instead of accusing the kernel', () => {
    expect(judged([DISTURBED, PUNCTUAL, DISTURBED, PUNCTUAL, PUNCTUAL])).toMatchObject({ kind: 'passed', used: 5 });
  });

  test('gives up where it never gets to measure', () => {
    expect(judged([DISTURBED])).toEqual({
      kind: 'failed',
      text: expect.stringContaining('cannot be measured'),
      used: 12,
    });
  });

  test('tells a guard that is never set from one that is late', () => {
    expect(judged([undefined]).text).toContain('packets on the loopback interface do not reach the rules');
  });
});
