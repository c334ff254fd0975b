import { expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MatrixRow } from './judge.ts';
import { keepRow, merged, readReport } from './report.ts';
import { markdown, readable } from './tables.ts';

const same = (ms: number) => ({ median: ms, min: ms, max: ms });
const row = (system: string, profile: string, fault: string, ms: number, more: Partial<MatrixRow> = {}): MatrixRow => ({
  system,
  profile,
  fault,
  runs: 3,
  outageMs: same(ms),
  twoHoldersMs: same(0),
  returnOutageMs: same(0),
  measuredAt: '2026-01-02T03:04:05.000Z',
  code: 'abc',
  ...more,
});
const verdict = { boundMs: 1_200, returnBoundMs: 20, ok: true, broken: [] };
const OURS = row('vippool', 'default', 'poweroff', 1_100, verdict);
const FAST = row('vippool', 'fast', 'poweroff', 350);
const PEER = row('keepalived', 'default', 'poweroff', 3_000);
const IDLE = row('vippool', 'default', 'none', 0);

it('keeps rows in the order of faults, systems and profiles, and the last one of each', () => {
  const all = [PEER, FAST, row('vippool', 'default', 'poweroff', 9), IDLE];
  expect(merged(all, OURS)).toEqual([IDLE, OURS, FAST, PEER]);
});

it('leaves out rows of what is no more', () => {
  expect(merged([row('vippool', 'default', 'fire', 1), row('ucarp', 'default', 'poweroff', 1)], OURS)).toEqual([OURS]);
});

it('puts a row in the place of one that has the alias of its fault', () => {
  const [old, crash] = ['nfs-killed', 'service-crash'].map((fault) => row('vippool', 'fast', fault, 20));
  if (!old || !crash) throw new Error('two rows');
  expect(merged([old], crash)).toEqual([crash]);
  expect(merged([old], OURS)).toEqual([OURS, crash]);
});

it('adds each row to the file at once', () => {
  const directory = mkdtempSync(join(tmpdir(), 'report-'));
  const file = join(directory, 'reports/failover.json');
  try {
    expect(readReport(file)).toEqual({ rows: [] });
    keepRow(file, PEER);
    keepRow(file, OURS);
    expect(readReport(file)).toEqual({
      machine: expect.objectContaining({ cores: expect.any(Number) }),
      rows: [OURS, PEER],
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it('shows a line for every row, with bounds and verdict', () => {
  const broken = { ...OURS, profile: 'fast', ok: false, broken: ['two holders for 10 ms'] };
  const lines = readable([OURS, broken, PEER]).split('\n');
  expect(lines[1]).toMatch(/^poweroff +vippool:default +1100 +1200 +0 +20 +0 +3 +kept$/);
  expect(lines[2]).toMatch(/^ +vippool:fast .* BROKEN: two holders for 10 ms$/);
  expect(lines[3]).toMatch(/^ +keepalived:default +3000 +0 +0 +3$/);
});

it('shows a fault in a line of the README, ours first', () => {
  const peer = {
    ...PEER,
    outageMs: { median: 3_000, min: 2_900, max: 3_100 },
    twoHoldersMs: { median: 0, min: 0, max: 40 },
  };
  const ours = { ...OURS, returnOutageMs: same(12) };
  expect(markdown([IDLE, peer, FAST, ours], (fault) => `what ${fault} is`)).toBe(
    [
      '| fault | what happens | vippool default | vippool fast | keepalived default |',
      '| --- | --- | --- | --- | --- |',
      '| `none` | what none is | 0 |  |  |',
      '| `poweroff` | what poweroff is | 1100, back 12 | 350 | 3000 (2900-3100), **two holders 40** |',
    ].join('\n'),
  );
});

it('does not pass an outage that ended only with the fault for a measured one', () => {
  const cut = { ...OURS, unanswered: 3 };
  expect(readable([cut])).toMatch(/ {2}> 1100 {2}/);
  expect(markdown([cut], () => '')).toContain('| > 1100 |');
});
