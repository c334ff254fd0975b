import { beforeEach, expect, test } from '@jest/globals';
import type { Log, LogFields } from '../../ports/log.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { LimitedLog } from './limited-log.ts';

let clock: VirtualClock;
let lines: [message: string, fields: LogFields][];
let limited: LimitedLog;

const recording = (parents: LogFields): Log => ({
  log: (_, message, fields) => void lines.push([message, { ...parents, ...fields }]),
  child: (fields) => recording({ ...parents, ...fields }),
});

beforeEach(() => {
  clock = new VirtualClock();
  lines = [];
  limited = LimitedLog.around(recording({}), clock);
});

const times = (count: number, say: (index: number) => void): void =>
  Array.from({ length: count }).forEach((_, i) => say(i));

test('of lines that say the same, ten are written, and then how many more there were', async () => {
  times(13, (index) => limited.log('warn', 'away', { node: 'a', ms: index }));
  expect(lines).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((ms) => ['away', { node: 'a', ms }]));
  await clock.advance(60_000);
  expect(lines.slice(10)).toEqual([['away', { node: 'a', ms: 12, repeated: 3 }]]);
});

test('what goes on for hours is one line in a minute, and news again after a quiet one', async () => {
  times(11, () => limited.log('warn', 'away'));
  await clock.advance(60_000);
  lines = [];
  times(4, () => limited.log('warn', 'away'));
  expect(lines).toEqual([]);
  await clock.advance(60_000);
  expect(lines).toEqual([['away', { repeated: 4 }]]);
  await clock.advance(60_000);
  expect([lines.length, clock.pending]).toEqual([1, 0]);
  limited.log('warn', 'away');
  expect(lines.slice(1)).toEqual([['away', {}]]);
});

test.each<[string, (index: number) => void]>([
  [
    'level',
    (index) =>
      limited.log((['debug', 'info', 'warn'] as const)[index % 3] ?? 'error', `away ${Math.floor(index / 15)}`),
  ],
  ['message', (index) => limited.log('info', `away ${index}`)],
  ['text in a field', (index) => limited.log('info', 'placed', { vip: `192.0.2.${index}` })],
  ['version', (version) => limited.log('info', 'configuration taken', { version, checks: 1 })],
  ['error', (index) => limited.log('info', 'failed', { err: new Error(`of ${index}`) })],
  ['parent', (index) => limited.child({ pool: `p${index}` }).log('info', 'placed')],
])('lines of another %s are all written', (_, say) => {
  times(60, say);
  expect(lines).toHaveLength(60);
});

test('output of programs makes no other line', () => {
  times(15, (index) => limited.log('warn', 'check has failed', { check: 'nfs', output: `took ${index} ms` }));
  expect(lines).toHaveLength(10);
});

test('lines that are not shown are not counted', () => {
  let isShown = false;
  limited = LimitedLog.around(recording({}), clock, () => isShown);
  times(19, () => limited.log('debug', 'quiet'));
  isShown = true;
  limited.log('debug', 'quiet');
  limited.close();
  expect(lines).toEqual([['quiet', {}]]);
});

test('what was not said yet is said at the end', () => {
  const child = limited.child({ pool: 'nas' });
  times(12, () => child.log('info', 'placed'));
  limited.close();
  expect(lines.at(-1)).toEqual(['placed', { pool: 'nas', repeated: 2 }]);
  expect(clock.pending).toBe(0);
});

test('more different lines than can be remembered are all written', () => {
  times(6_000, (index) => limited.log('info', 'placed', { vip: `v${index}` }));
  times(20, () => limited.log('info', 'placed', { vip: 'v5999' }));
  expect(lines).toHaveLength(6_020);
});
