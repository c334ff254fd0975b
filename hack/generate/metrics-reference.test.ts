import { expect, test } from '@jest/globals';
import { COUNTERS, GAUGES, HISTOGRAMS } from '../../src/adapters/observability/metric-names.ts';
import { metricsReference } from './metrics-reference.ts';

const rows = metricsReference()
  .split('\n')
  .filter((line) => /^\| [`[]/.test(line));

test('every metric has a row', () => {
  const names = rows.flatMap((row) => /^\| `vippool_(\w+)` \|/.exec(row)?.[1] ?? []);
  expect(names).toEqual([GAUGES, COUNTERS, HISTOGRAMS].flatMap((group) => Object.keys(group)));
});

test('an alert has its severity, its time and a link to its runbook, and no bar in its expression ends the cell', () => {
  const link = '[VippoolApiServerRefuses](../runbooks.md#vippoolapiserverrefuses)';
  const row = rows.find((line) => line.includes(link));
  expect(row).toMatch(/\| warning \| 10m \| `sum by \(code\)/);
  expect(row?.split(/(?<!\\)\|/)).toHaveLength(6);
});
