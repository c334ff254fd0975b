import { expect, test } from '@jest/globals';
import { RecordedPorts } from '../testing/recorded-ports.ts';
import { Lateness } from './lateness.ts';

test('what is late by little is measured, what is late by much is said as well', () => {
  const ports = new RecordedPorts();
  const lateness = new Lateness(ports, 250);
  lateness.note(249);
  expect(ports.lines).toEqual([]);
  expect(ports.observations.get('timer_lateness_seconds')).toEqual([0.249]);
  lateness.note(700.4);
  expect(ports.lines).toMatchObject([{ level: 'warn', fields: { lateMs: 700 } }]);
  expect(ports.count('late_wakeups_total')).toBe(1);
});
