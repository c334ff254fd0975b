import { expect, test } from '@jest/globals';
import { type DatedRow, merged } from './report.ts';
import { silenceReport } from './silence/report.ts';

const row = (part: string, name: string, value: number): DatedRow => {
  return { part, name, unit: 'ms', value, runs: 1, measuredAt: `day ${value}`, code: 'abc' };
};
const silence = (profile: string, silentFromMs: number) =>
  silenceReport({
    profile,
    signal: 'SIGKILL',
    leaseMs: 300,
    seen: [{ signalMs: 0, answeredForMs: silentFromMs, silentFromMs }],
    unseen: 0,
    idle: 0,
  });

test('the parts that ran take the place of what they measured before, the others stay', () => {
  const old = { rows: [row('bind', 'a', 1), row('fence', 'b', 1), row('fence', 'gone', 1)], silence: [] };
  expect(merged(old, { rows: [row('fence', 'b', 2)], silence: [] }).rows).toEqual([
    row('bind', 'a', 1),
    row('fence', 'b', 2),
  ]);
});

test('each profile and signal has one histogram', () => {
  const old = { rows: [], silence: [silence('Fast', 200), silence('Default', 200)] };
  const { silence: after } = merged(old, { rows: [], silence: [silence('Fast', 210)] });
  expect(after.map(({ profile, silentFromMs }) => [profile, silentFromMs.max])).toEqual([
    ['Default', 200],
    ['Fast', 210],
  ]);
});

test('a report without parts is replaced', () => {
  const old = JSON.parse('{"rows":[{"name":"a","unit":"ms","value":1,"runs":1}]}') as object;
  expect(merged(old, { rows: [row('bind', 'b', 2)], silence: [] })).toEqual({
    rows: [row('bind', 'b', 2)],
    silence: [],
  });
});
