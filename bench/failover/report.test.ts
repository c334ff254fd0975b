import { expect, it } from '@jest/globals';
import { type FailoverRow, spread } from '../../e2e/lib/failover-report.ts';
import { failoverTable, outageRows } from './report.ts';

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

it('shows ratios, also where a peer is faster, and names the fault that stands in for another', () => {
  const lines = failoverTable(ROWS).split('\n');
  expect(lines).toHaveLength(6);
  expect(lines[1]).toMatch(/^poweroff +vippool:default +1000 \(999-1001\) +2 \(1-3\) +1 \(0-2\) +3$/);
  expect(lines[2]).toMatch(/^ +keepalived:default +3000 \(2999-3001\) +x 3\.0 /);
  expect(lines[3]).toMatch(/^ +keepalived:fast +200 \(199-201\) +x 0\.20 /);
  expect(lines[5]).toMatch(/^ {2}\(stop\) +keepalived:default +250 \(249-251\) +x 25 /);
});

it('sets a move beside that of a peer that knows it, and beside the stop of one that does not', () => {
  const rows = [...ROWS, row('keepalived', 'fast', 'stop', 30), row('keepalived', 'fast', 'move', 4)];
  expect(outageRows(rows)[1]?.peers).toEqual({ 'keepalived:default': 250, 'keepalived:fast': 4 });
});

it('shows ours alone where there are no peers', () => {
  expect(failoverTable(ROWS.slice(0, 2)).split('\n')).toHaveLength(3);
  expect(outageRows(ROWS.slice(0, 1))[0]?.peers).toEqual({});
});

it('takes the middle of an even number of runs between its two middle ones', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});
