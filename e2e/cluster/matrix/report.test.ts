import { expect, it } from '@jest/globals';
import { type ClusterRow, merged, readable } from './report.ts';

const one = { median: 1, min: 1, max: 1 };
const row = (nodes: number, fault: string, more: Partial<ClusterRow> = {}): ClusterRow => ({
  nodes,
  system: 'vippool',
  profile: 'default',
  fault,
  runs: 1,
  outageMs: one,
  twoHoldersMs: { median: 0, min: 0, max: 0 },
  measuredAt: '2026-01-02T03:04:05.000Z',
  code: 'abc',
  ok: true,
  ...more,
});

it('has one row for each cluster, profile and fault, in their order, and none of a fault that is no more', () => {
  const old = [row(5, 'poweroff'), row(3, 'freeze'), row(3, 'flood'), row(3, 'poweroff', { runs: 9 })];
  const rows = merged(old, row(3, 'poweroff', { runs: 2 }));
  expect(rows.map(({ nodes, fault, runs }) => [nodes, fault, runs])).toEqual([
    [3, 'poweroff', 2],
    [3, 'freeze', 1],
    [5, 'poweroff', 1],
  ]);
});

it('says what was not kept', () => {
  const text = readable([row(3, 'freeze', { ok: false, broken: ['two holders for 10 ms'] })]);
  expect(text).toMatch(/3 +default +freeze +1 ms \(1-1\).*BROKEN: two holders for 10 ms/);
});

it('shows the steps of a fault that has several', () => {
  const steps = [{ what: 'helm upgrade', tookMs: 61_200, outageMs: 5.5, twoHoldersMs: 0 }];
  const log = { ms: 600_000, vips: 6, lost: 2, latenessMs: 3.2, gaps: [{ vip: '192.0.2.10', atMs: 1_000, ms: 5.5 }] };
  const text = readable([row(3, 'noon', { course: { steps, log } })]);
  expect(text).toContain('3 nodes, default, noon: 6 VIPs probed for 10.0 minutes, 1 times without an answer');
  expect(text).toMatch(/helm upgrade +61 s +5.5 ms +0 ms/);
});
