import { expect, it } from '@jest/globals';
import { refusalsIn } from './pod-logs.ts';

it('finds refusals among the lines of a container, and whom they are about', () => {
  const at = '2026-01-02T03:04:05.678Z';
  const lines = [
    { level: 'info', message: 'certificate was obtained', ts: at },
    { level: 'warn', message: 'connection refused', reason: 'tls', detail: 'x', peer: '10.77.0.101:40000', ts: at },
    { level: 'warn', message: 'message refused', reason: 'impostor', peer: '2001:db8::1:40000', ts: at },
  ].map((fields) => `${at} stdout F ${JSON.stringify(fields)}`);
  expect(refusalsIn([...lines, `${at} stderr F {no json`, `${at} stdout P {"message":`, ''].join('\n'))).toEqual([
    { message: 'connection refused', reason: 'tls', from: '10.77.0.101', at },
    { message: 'message refused', reason: 'impostor', from: '2001:db8::1', at },
  ]);
});
