import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { CheckProbe } from './checks.ts';
import { CHECK_TYPES, TYPES_OF_FIELD } from './health-messages.ts';
import { NO_HEALTH, readHealth, type HealthSpec } from './health-spec.ts';
import { poolName } from './ids.ts';
import { Field } from './manifest-field.ts';
import type { Problem } from './pool.ts';

function read(value: unknown): { health: HealthSpec; problems: Problem[] } {
  const problems: Problem[] = [];
  return { health: readHealth(new Field('spec.health', value, problems), poolName('nas')), problems };
}

const probeOf = (fields: Record<string, unknown>): CheckProbe | undefined => {
  const { health, problems } = read({ checks: [{ name: 'a', ...fields }] });
  expect(problems).toEqual([]);
  return health.checks[0]?.probe;
};

describe('readHealth', () => {
  test.each([[undefined], [null], [{}], [{ checks: null, repair: null, damping: null, whenAllUnhealthy: null }]])(
    'nothing is checked by %j',
    (value) => {
      expect(read(value)).toEqual({ health: NO_HEALTH, problems: [] });
    },
  );

  test('fills in the defaults of a check', () => {
    expect(read({ checks: [{ name: 'nfs', type: 'nfs' }] }).health.checks).toEqual([
      {
        pool: 'nas',
        name: 'nfs',
        intervalMs: 2_000,
        timeoutMs: 1_000,
        fall: 2,
        rise: 2,
        severity: 'Fail',
        penalty: 50,
        role: 'Any',
        probe: { type: 'nfs', host: '127.0.0.1', port: 2049, versions: [4] },
      },
    ]);
  });

  test('reads every field of a check, and every check', () => {
    const times = { interval: '5s', timeout: '3s', fall: 1, rise: 4 };
    const { health } = read({
      checks: [
        { name: 'nfs', type: 'nfs', ...times, severity: 'Degrade', penalty: 10, role: 'Holder' },
        { name: 'link', type: 'interface' },
      ],
    });
    expect(health.checks[0]).toMatchObject({
      intervalMs: 5_000,
      timeoutMs: 3_000,
      fall: 1,
      rise: 4,
      severity: 'Degrade',
      penalty: 10,
      role: 'Holder',
    });
    expect(health.checks.map(({ name }) => name)).toEqual(['nfs', 'link']);
  });

  test('the timeout that nobody declared follows a short interval', () => {
    const { health } = read({ checks: [{ name: 'nfs', type: 'nfs', interval: '300ms' }] });
    expect(health.checks[0]).toMatchObject({ intervalMs: 300, timeoutMs: 300 });
  });

  test.each<[Record<string, unknown>, CheckProbe]>([
    [
      { type: 'tcp', host: 'a.example', port: 80 },
      { type: 'tcp', host: 'a.example', port: 80 },
    ],
    [
      { type: 'http', url: 'http://127.0.0.1/' },
      { type: 'http', url: 'http://127.0.0.1/', statuses: [200, 399], contains: '', verifyTls: true },
    ],
    [
      {
        type: 'http',
        url: 'https://[::1]:8443/x?y',
        statuses: { first: 204, last: 204 },
        contains: 'ok',
        verifyTls: false,
      },
      { type: 'http', url: 'https://[::1]:8443/x?y', statuses: [204, 204], contains: 'ok', verifyTls: false },
    ],
    [
      { type: 'exec', command: ['/checks/a.sh', '--name', 'a b'] },
      { type: 'exec', command: ['/checks/a.sh', '--name', 'a b'] },
    ],
    [
      { type: 'scripts', directory: '/checks/nas' },
      { type: 'scripts', directory: '/checks/nas' },
    ],
    [
      { type: 'process', process: 'smbd' },
      { type: 'process', process: 'smbd', pidFile: '' },
    ],
    [
      { type: 'process', pidFile: '/run/smbd.pid' },
      { type: 'process', process: '', pidFile: '/run/smbd.pid' },
    ],
    [{ type: 'interface' }, { type: 'interface', interface: '' }],
    [{ type: 'gateway' }, { type: 'gateway', address: '', interface: '' }],
    [
      { type: 'gateway', address: '192.0.2.1', interface: 'eth1' },
      { type: 'gateway', address: '192.0.2.1', interface: 'eth1' },
    ],
    [
      { type: 'mount', path: '/export' },
      { type: 'mount', path: '/export', fsType: '', writable: false },
    ],
    [
      { type: 'mount', path: '/export', fsType: 'ext4', writable: true },
      { type: 'mount', path: '/export', fsType: 'ext4', writable: true },
    ],
    [
      { type: 'device', path: '/dev/md0' },
      { type: 'device', path: '/dev/md0' },
    ],
    [
      { type: 'nfs', host: '::1', port: 20_049, versions: [3, 4] },
      { type: 'nfs', host: '::1', port: 20_049, versions: [3, 4] },
    ],
    [{ type: 'smb' }, { type: 'smb', host: '127.0.0.1', port: 445 }],
    [
      { type: 'postgres' },
      {
        type: 'postgres',
        host: '127.0.0.1',
        port: 5432,
        role: 'Any',
        user: 'postgres',
        database: 'postgres',
        passwordFile: '',
      },
    ],
    [
      { type: 'postgres', databaseRole: 'Primary', user: 'u', database: 'd', passwordFile: '/p' },
      {
        type: 'postgres',
        host: '127.0.0.1',
        port: 5432,
        role: 'Primary',
        user: 'u',
        database: 'd',
        passwordFile: '/p',
      },
    ],
  ])('reads %j', (fields, probe) => {
    expect(probeOf(fields)).toEqual(probe);
  });

  test('reads repair, damping and what to do without a healthy node', () => {
    const { health, problems } = read({
      repair: { command: ['/checks/repair.sh', 'nfs'], attempts: 3, deadline: '30s' },
      whenAllUnhealthy: 'Release',
      damping: { base: '0s', max: '1m', window: '1h' },
    });
    expect(problems).toEqual([]);
    expect(health).toEqual({
      checks: [],
      repair: { command: ['/checks/repair.sh', 'nfs'], attempts: 3, deadlineMs: 30_000, windowMs: 3_600_000 },
      whenAllUnhealthy: 'Release',
      damping: { baseMs: 0, maxMs: 60_000, windowMs: 3_600_000 },
    });
    expect(read({ repair: { command: ['/a'] } }).health.repair).toEqual({
      command: ['/a'],
      attempts: 1,
      deadlineMs: 10_000,
      windowMs: 600_000,
    });
  });

  test('an unknown type hides no other problem', () => {
    const { problems } = read({
      checks: [
        { name: 'a', type: 'htpp', interval: '1ms' },
        { name: 'a', type: 'nfs', url: 'x' },
      ],
    });
    expect(problems.map(({ path }) => path)).toEqual([
      'spec.health.checks[0].interval',
      'spec.health.checks[0].type',
      'spec.health.checks[1].name',
      'spec.health.checks[1].url',
    ]);
  });

  test('never throws, whatever the checks', () => {
    const word = fc.oneof(fc.jsonValue(), fc.constantFrom('a', '/a', '5s', '192.0.2.1', ...CHECK_TYPES));
    const names = ['name', 'type', 'interval', 'timeout', 'fall', 'severity', ...Object.keys(TYPES_OF_FIELD)];
    const check = fc.record(Object.fromEntries(names.map((name) => [name, word])), { requiredKeys: [] });
    const health = fc.record(
      { checks: fc.oneof(fc.jsonValue(), fc.array(check)), repair: check, damping: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(health, (value) => {
        const { health: parsed, problems } = read(value);
        for (const { probe } of problems.length > 0 ? [] : parsed.checks) expect(CHECK_TYPES).toContain(probe.type);
      }),
    );
  });
});
