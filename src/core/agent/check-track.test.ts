import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { check } from '../../testing/core-builders.ts';
import { monotonic } from '../time.ts';
import {
  afterLook,
  afterRun,
  afterSilence,
  type CheckTrack,
  inRole,
  newTrack,
  redeclared,
  staleAt,
} from './check-track.ts';

const DECLARED = check('nfs', { intervalMs: 2_000, timeoutMs: 1_000, fall: 3, rise: 2 });

/** G: good, b: bad, x: bad for certain; one run a second, from 1 s on. */
function runs(text: string, from: CheckTrack = newTrack(DECLARED, monotonic(0)), rise?: number): CheckTrack {
  let track = from;
  for (const [index, letter] of text.split('').entries()) {
    const run = { ok: letter === 'G', certain: letter === 'x', output: letter, durationMs: 5 };
    track = afterRun(track, run, monotonic((index + 1) * 1_000), rise);
  }
  return track;
}

describe('a verdict', () => {
  it.each([
    ['', 'Pending'],
    ['G', 'Passing'],
    ['b', 'Pending'],
    ['bb', 'Pending'],
    ['bbG', 'Passing'],
    ['bbb', 'Failing'],
    ['x', 'Failing'],
    ['Gbb', 'Passing'],
    ['Gbbb', 'Failing'],
    ['GbbGbb', 'Passing'],
    ['Gx', 'Failing'],
    ['GbbbG', 'Failing'],
    ['GbbbGG', 'Passing'],
    ['GbbbGbG', 'Failing'],
    ['GxGG', 'Passing'],
  ])('after "%s" is %s', (text, verdict) => {
    expect(runs(text).verdict).toBe(verdict);
  });

  it('begins with the run that changed it, and shows what the newest run said', () => {
    expect(runs('GGbbbb')).toMatchObject({ verdict: 'Failing', since: 5_000, output: 'b', heardAt: 6_000 });
    expect(runs('GGG').since).toBe(1_000);
  });

  it('of what was repaired changes with one good run', () => {
    expect(runs('GbbbG', undefined, 1).verdict).toBe('Passing');
  });

  it('never changes more often than fall and rise allow, whatever the check does', () => {
    const counts = fc.record({ fall: fc.integer({ min: 1, max: 5 }), rise: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(counts, fc.array(fc.boolean(), { maxLength: 200 }), ({ fall, rise }, oks) => {
        let track = newTrack(check('nfs', { fall, rise }), monotonic(0));
        let streak = 0;
        let runsSinceChange = 0;
        for (const [index, ok] of oks.entries()) {
          const before = track.verdict;
          streak = index > 0 && oks[index - 1] === ok ? streak + 1 : 1;
          runsSinceChange++;
          track = afterRun(track, { ok, certain: false, output: '', durationMs: 1 }, monotonic(index));
          if (track.verdict === before) continue;
          if (before !== 'Pending') expect(runsSinceChange).toBeGreaterThanOrEqual(ok ? rise : fall);
          const needed = ok ? (before === 'Pending' ? 1 : rise) : fall;
          expect(streak).toBe(needed);
          expect(track.verdict).toBe(ok ? 'Passing' : 'Failing');
          runsSinceChange = 0;
        }
      }),
    );
  });
});

describe('silence', () => {
  it('makes a check unknown after fall intervals, a timeout and one interval more', () => {
    const track = runs('G');
    expect(staleAt(track)).toBe(1_000 + 3 * 2_000 + 1_000 + 2_000);
    expect(afterSilence(track, monotonic(9_999))).toBe(track);
    expect(afterSilence(track, monotonic(10_000))).toMatchObject({ verdict: 'Unknown', since: 10_000 });
  });

  it('is not noticed within a second, however often the check is run', () => {
    const often = newTrack(check('nfs', { intervalMs: 100, timeoutMs: 50, fall: 1 }), monotonic(0));
    expect(staleAt(often)).toBe(1_150);
  });

  it.each([
    ['a new check', ''],
    ['one that has failed', 'bbb'],
  ])('ends the verdict on %s as well', (_, text) => {
    expect(afterSilence(runs(text), monotonic(50_000)).verdict).toBe('Unknown');
  });

  it('is over after as many good runs as it takes to be well again, or one bad one', () => {
    const unknown = afterSilence(runs('G'), monotonic(50_000));
    expect(staleAt(unknown)).toBe(Infinity);
    expect(runs('G', unknown).verdict).toBe('Unknown');
    expect(runs('GG', unknown).verdict).toBe('Passing');
    expect(runs('b', unknown).verdict).toBe('Failing');
    expect(afterSilence(runs('G', unknown), monotonic(90_000)).verdict).toBe('Unknown');
  });

  it('makes good runs before it count no more', () => {
    const unknown = afterSilence(runs('G'), monotonic(50_000));
    const again = afterSilence(runs('G', unknown), monotonic(90_000));
    expect(runs('G', again).verdict).toBe('Unknown');
    expect(runs('GG', again).verdict).toBe('Passing');
  });
});

describe('a role', () => {
  const holder = check('smb', { role: 'Holder' });
  const standby = check('smb', { role: 'Standby' });

  it.each([
    [holder, true, 'Pending'],
    [holder, false, 'Idle'],
    [standby, true, 'Idle'],
    [standby, false, 'Pending'],
    [DECLARED, true, 'Pending'],
    [DECLARED, false, 'Pending'],
  ])('%# decides whether the check says something', (declared, holds, verdict) => {
    expect(inRole(newTrack(declared, monotonic(0)), holds, monotonic(0)).verdict).toBe(verdict);
  });

  it('that comes back begins anew; the same one changes nothing', () => {
    const passing = runs('G', newTrack(holder, monotonic(0)));
    expect(inRole(passing, true, monotonic(5_000))).toBe(passing);
    const idle = inRole(passing, false, monotonic(5_000));
    expect(idle).toMatchObject({ verdict: 'Idle', since: 5_000, output: '' });
    expect(inRole(idle, false, monotonic(6_000))).toBe(idle);
    expect(afterRun(idle, { ok: false, certain: true, output: '', durationMs: 0 }, monotonic(6_000))).toBe(idle);
    expect(staleAt(idle)).toBe(Infinity);
    expect(inRole(idle, true, monotonic(7_000))).toMatchObject({ verdict: 'Pending', since: 7_000, heardAt: 7_000 });
  });
});

describe('another declaration', () => {
  const failing = runs('Gbbb');

  it('of the same keeps what was found', () => {
    expect(redeclared(failing, { ...DECLARED }, monotonic(60_000))).toBe(failing);
  });

  it('that looks at the same thing keeps the verdict, and is not stale at once', () => {
    const quicker = { ...DECLARED, intervalMs: 100, timeoutMs: 100, severity: 'Degrade' as const };
    const track = redeclared(failing, quicker, monotonic(60_000));
    expect(track).toMatchObject({ verdict: 'Failing', since: 4_000, streak: -3, check: quicker });
    expect(staleAt(track)).toBeGreaterThan(60_000);
  });

  it.each([
    ['at something else', { probe: { type: 'tcp' as const, host: '127.0.0.1', port: 1 } }],
    ['in another role', { role: 'Holder' as const }],
  ])('that looks %s begins anew', (_, over) => {
    const track = redeclared(failing, { ...DECLARED, ...over }, monotonic(60_000));
    expect(track).toEqual(newTrack({ ...DECLARED, ...over }, monotonic(60_000)));
  });
});

describe('a look', () => {
  const link = newTrack(check('nic', { probe: { type: 'interface', interface: '' } }), monotonic(0));

  it('settles the check by itself, both ways, and never gets stale', () => {
    const up = afterLook(link, { ok: true, output: 'up' }, monotonic(1));
    expect(up).toMatchObject({ verdict: 'Passing', since: 1, output: 'up' });
    expect(afterLook(up, { ok: true, output: 'up' }, monotonic(2))).toBe(up);
    const down = afterLook(up, { ok: false, output: 'down' }, monotonic(3));
    expect(down).toMatchObject({ verdict: 'Failing', since: 3, output: 'down' });
    expect(afterLook(down, { ok: true, output: 'up' }, monotonic(4)).verdict).toBe('Passing');
    expect(staleAt(up)).toBe(Infinity);
  });

  it('says nothing of a check that is idle', () => {
    const idle = inRole(newTrack({ ...link.check, role: 'Holder' }, monotonic(0)), false, monotonic(0));
    expect(afterLook(idle, { ok: false, output: 'down' }, monotonic(1))).toBe(idle);
  });
});
