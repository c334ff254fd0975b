import { describe, expect, test } from '@jest/globals';
import { parseTask } from './task-spec.ts';

const HOUR_MS = 3_600_000;

describe('a VipTask', () => {
  test('a move, with the address in canonical form', () => {
    const spec = { action: 'Move', address: '2001:DB8:0::10', node: 'node-a', ttlAfterFinished: '1m30s' };
    expect(parseTask(spec)).toEqual({
      ok: true,
      value: { action: 'Move', address: '2001:db8::10', node: 'node-a', dryRun: false, ttlMs: 90_000 },
    });
  });

  test.each([
    [{}, { address: undefined, pool: undefined }],
    [{ pool: 'nas' }, { address: undefined, pool: 'nas' }],
    [{ address: '192.0.2.10' }, { address: '192.0.2.10', pool: undefined }],
  ])('a failback of %j', (fields, expected) => {
    expect(parseTask({ action: 'Failback', dryRun: true, ...fields })).toEqual({
      ok: true,
      value: { action: 'Failback', dryRun: true, ttlMs: HOUR_MS, ...expected },
    });
  });

  test.each([
    [undefined, 'spec'],
    ['Move', 'spec'],
    [{ action: 'Move', address: '192.0.2.10' }, 'spec'],
    [{ action: 'Failback', address: '192.0.2.10', pool: 'nas' }, 'spec'],
    [{ action: 'Failback', address: 'nas' }, 'spec.address'],
    [{ action: 'Failback', ttlAfterFinished: '31d' }, 'spec.ttlAfterFinished'],
  ])('refuses %j', (spec, path) => {
    const parsed = parseTask(spec);
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.path)).toEqual([path]);
  });
});
