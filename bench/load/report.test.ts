import { expect, test } from '@jest/globals';
import { TIMING_PROFILES } from '../../src/core/timing.ts';
import { isKept } from '../table.ts';
import { loadRows, type LoadReport } from './report.ts';

const report = (over: Partial<LoadReport> = {}): LoadReport => ({
  agents: 1_000,
  profile: 'Default',
  timing: TIMING_PROFILES.Default,
  controllers: [
    { isMaster: true, cpuPercent: 29, maxRssMiB: 290 },
    { isMaster: false, cpuPercent: 20, maxRssMiB: 200 },
    { isMaster: false, cpuPercent: 22, maxRssMiB: 240 },
  ],
  peakMiB: 310,
  agentsCpuPercent: 90,
  movedAtRest: 0,
  requestsPerMinute: 5_500,
  takeoverMs: [1_040, 1_149, 1_100],
  stranded: 0,
  twoHolders: 0,
  ...over,
});
const broken = (over: Partial<LoadReport>): string[] =>
  loadRows(report(over)).flatMap((row) => (isKept(row) === false ? [row.name.replace(/^.*?: /, '')] : []));

test('each role of a controller has rows of its own, by the median', () => {
  const rows = new Map(loadRows(report()).map(({ name, value }) => [name, value]));
  expect(rows.get('1000 agents (Default): CPU, controller (master)')).toBe(29);
  expect(rows.get('1000 agents (Default): CPU, controller (standby)')).toBe(21);
  expect(rows.get('1000 agents (Default): takeover')).toBe(1_100);
});

test.each<[string, Partial<LoadReport>, string[]]>([
  ['what is promised', {}, []],
  ['no API server', { requestsPerMinute: undefined }, []],
  ['a takeover that is late', { takeoverMs: [1_000, 1_151] }, ['takeover, longest']],
  ['two holders', { twoHolders: 1 }, ['VIPs with two holders']],
  ['a move at rest', { movedAtRest: 1 }, ['VIPs moved while nothing was done']],
  ['a VIP without a holder', { stranded: 2 }, ['VIPs of lost hosts that were not taken over']],
])('%s', (_, over, found) => expect(broken(over)).toEqual(found));
