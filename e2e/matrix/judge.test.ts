import { expect, it } from '@jest/globals';
import { faultNamed } from './faults/index.ts';
import { type Measured, rowOf } from './judge.ts';
import type { Trial } from './trial.ts';

const SOURCE = { measuredAt: '2026-01-02T03:04:05.000Z', code: 'abc' };
const trial = (outageMs: number, twoHoldersMs = 0, returnOutageMs = 0): Trial => {
  return { outageMs, twoHoldersMs, returnOutageMs, unanswered: [] };
};
const measured = (outages: readonly number[], more: Partial<Measured> = {}): Measured => ({
  system: 'vippool',
  profile: 'fast',
  fault: faultNamed('poweroff'),
  trials: outages.map((ms) => trial(ms)),
  failures: [],
  ...more,
});

it('judges times by their median', () => {
  expect(rowOf(measured([350, 900, 400]), SOURCE)).toMatchObject({
    runs: 3,
    outageMs: { median: 400, min: 350, max: 900 },
    boundMs: 450,
    returnBoundMs: 50,
    ok: true,
    broken: [],
    ...SOURCE,
  });
  expect(rowOf(measured([350, 460, 500]), SOURCE)).toMatchObject({
    ok: false,
    broken: ['outage 460 ms, promised 450'],
  });
});

it('judges two holders by the worst run, and the return as well', () => {
  const trials = [trial(0), trial(0, 10), trial(0), trial(0, 0, 190), trial(0, 0, 180), trial(0, 0, 170)];
  expect(rowOf(measured([], { trials }), SOURCE).broken).toEqual([
    'two holders for 10 ms',
    'outage on return 85 ms, promised 50',
  ]);
});

it('a run that did not come to its end breaks the row', () => {
  expect(rowOf(measured([300], { failures: ['run 2: gone'] }), SOURCE)).toMatchObject({
    ok: false,
    broken: ['run 2: gone'],
  });
});

it('an outage that ended only with the fault breaks the row, however short the fault was', () => {
  const trials = [trial(300), { ...trial(200), unanswered: ['192.0.2.10'] }, trial(300)];
  expect(rowOf(measured([], { trials }), SOURCE)).toMatchObject({
    unanswered: 1,
    ok: false,
    broken: ['not answered before the heal in 1 of 3 runs'],
  });
  expect(rowOf(measured([300]), SOURCE)).not.toHaveProperty('unanswered');
});

it('wants every VIP that left to come home in time, and no other move in any run', () => {
  const fault = faultNamed('smb-paused');
  const run = (homeMs: number | undefined, extraMoves: number): Trial => ({
    ...trial(900),
    ...(homeMs === undefined ? {} : { homeMs }),
    extraMoves,
  });
  const broken = (...trials: Trial[]): readonly string[] | undefined =>
    rowOf(measured([], { fault, profile: 'default', trials }), SOURCE).broken;
  expect(broken(run(1_700, 0), run(9_000, 0), run(1_800, 0))).toEqual([]);
  expect(broken(run(2_500, 0))).toEqual(['home after 2500 ms, promised 2400']);
  expect(broken(run(undefined, 0))).toEqual(['not home in any run']);
  expect(broken(run(1_700, 0), run(1_700, 2), run(1_700, -4))).toEqual(['4 moves more or less than there and back']);
});

it('does not judge peers', () => {
  const row = rowOf(measured([9_000], { system: 'keepalived', trials: [trial(9_000, 500, 300)] }), SOURCE);
  expect(row).toMatchObject({ outageMs: { median: 9_000 }, twoHoldersMs: { max: 500 } });
  expect(row).not.toHaveProperty('ok');
  expect(row).not.toHaveProperty('boundMs');
});
