import { expect, it } from '@jest/globals';
import { type FailoverRow, spread } from '../e2e/lib/failover-report.ts';
import { outageRows } from './outages.ts';

const same = (ms: number): { median: number; min: number; max: number } => ({ median: ms, min: ms - 1, max: ms + 1 });
const row = (system: string, profile: string, fault: FailoverRow['fault'], ms: number): FailoverRow => {
  return { system, profile, fault, runs: 3, outageMs: same(ms), twoHoldersMs: same(1), returnOutageMs: same(2) };
};
const ROWS = [
  row('vippool', 'default', 'poweroff', 1_000),
  row('vippool', 'default', 'move', 10),
  row('keepalived', 'default', 'poweroff', 3_000),
  row('keepalived', 'fast', 'poweroff', 200),
  row('keepalived', 'default', 'stop', 250),
];

it('sets each of our outages beside those of the peers, a move beside their stop', () => {
  expect(outageRows(ROWS)).toEqual([
    {
      name: 'outage, poweroff',
      unit: 'ms',
      value: 1_000,
      runs: 3,
      peers: { 'keepalived:default': 3_000, 'keepalived:fast': 200 },
    },
    { name: 'outage, move', unit: 'ms', value: 10, runs: 3, peers: { 'keepalived:default': 250 } },
  ]);
});

it('sets a move beside that of a peer that knows it, and beside the stop of one that does not', () => {
  const rows = [...ROWS, row('keepalived', 'fast', 'stop', 30), row('keepalived', 'fast', 'move', 4)];
  expect(outageRows(rows)[1]?.peers).toEqual({ 'keepalived:default': 250, 'keepalived:fast': 4 });
});

it('shows ours alone where there are no peers', () => {
  expect(outageRows(ROWS.slice(0, 1))[0]?.peers).toEqual({});
});

it('takes the middle of an even number of runs between its two middle ones', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});
