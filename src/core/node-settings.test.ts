import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { check } from '../testing/core-builders.ts';
import { checksOn, NO_SETTINGS, parseNodeSettings, type NodeSettings } from './node-settings.ts';

const settingsOf = (spec: unknown): NodeSettings => {
  const parsed = parseNodeSettings(spec);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
};

const problemsOf = (spec: unknown): string[] => {
  const parsed = parseNodeSettings(spec);
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe('parseNodeSettings', () => {
  test.each([[undefined], [null], [{}], [{ checks: null, weight: null }]])('nothing is set by %j', (spec) => {
    expect(parseNodeSettings(spec)).toEqual({ ok: true, value: NO_SETTINGS });
  });

  test('reads every field', () => {
    const checks = [
      { name: 'nfs', interval: '5s', timeout: '2s', fall: 3, rise: 1 },
      { pool: 'nas', name: 'nfs', disabled: true },
    ];
    expect(settingsOf({ maintenance: true, weight: 0, logLevel: 'debug', checks })).toEqual({
      maintenance: true,
      weight: 0,
      logLevel: 'debug',
      checks: [
        { pool: undefined, name: 'nfs', disabled: false, intervalMs: 5_000, timeoutMs: 2_000, fall: 3, rise: 1 },
        { pool: 'nas', name: 'nfs', disabled: true },
      ],
    });
  });

  test.each([
    [7, 'spec: must be an object, not a number (7): write { maintenance: true }'],
    [{ maintenace: true }, 'spec.maintenace: unknown field: did you mean maintenance?'],
    [{ maintenance: 'yes' }, 'spec.maintenance: must be a truth value, not a text: write true or false'],
    [{ weight: 101 }, 'spec.weight: out of range: write 0 to 100'],
    [{ logLevel: 'trace' }, 'spec.logLevel: unknown value "trace": write debug, info, warn or error'],
    [{ checks: {} }, 'spec.checks: must be a list, not an object: write [{ name: nfs, interval: 5s }]'],
    [{ checks: [null] }, 'spec.checks[0]: must be an object, not empty: write { name: nfs, interval: 5s }'],
    [{ checks: [{ fall: 2 }] }, 'spec.checks[0]: a check needs a name: write for example name: nfs'],
    [
      { checks: [{ name: 'NFS' }] },
      'spec.checks[0].name: not the name of a check: write at most 63 lower-case letters, digits and "-", with a letter or digit at both ends, for example "nfs"',
    ],
    [
      { checks: [{ pool: 'Nas', name: 'nfs' }] },
      'spec.checks[0].pool: not the name of a pool: write lower-case letters, digits, "-" and ".", for example "nas"',
    ],
    [
      { checks: [{ name: 'nfs', interval: '1s', timeout: '2s' }] },
      'spec.checks[0].timeout: longer than the interval: write at most the interval, or a longer interval',
    ],
    [{ checks: [{ name: 'nfs', interval: '1ms' }] }, 'spec.checks[0].interval: out of range: write 100ms to 1h'],
    [{ checks: [{ name: 'nfs', fall: 0 }] }, 'spec.checks[0].fall: out of range: write 1 to 100'],
    [
      { checks: [{ name: 'nfs', fall: 3 }, { name: 'smb' }, { name: 'nfs', rise: 3 }] },
      'spec.checks: two entries for the same check: write all of it into one entry',
    ],
    [
      { checks: Array.from({ length: 65 }, (_, index) => ({ name: `check-${index}` })) },
      'spec.checks: too many entries: write at most 64',
    ],
  ])('refuses %j', (spec, problem) => {
    expect(problemsOf(spec)).toEqual([problem]);
  });

  test('never throws, whatever the spec', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.jsonValue()), (value, checks) => {
        expect(() => parseNodeSettings(value)).not.toThrow();
        expect(() => parseNodeSettings({ checks })).not.toThrow();
      }),
    );
  });
});

describe('checksOn', () => {
  const nfs = check('nfs', { pool: 'nas' });
  const other = check('nfs', { pool: 'archive' });

  test('without overrides the checks are those of the pools', () => {
    const checks = [nfs, other];
    expect(checksOn(NO_SETTINGS, checks)).toBe(checks);
    expect(checksOn(settingsOf({ checks: [{ name: 'smb', disabled: true }] }), checks)).toEqual(checks);
  });

  test('an override of one pool goes before that of all', () => {
    const settings = settingsOf({
      checks: [
        { name: 'nfs', disabled: true },
        { pool: 'nas', name: 'nfs', fall: 7 },
      ],
    });
    expect(checksOn(settings, [nfs, other])).toEqual([{ ...nfs, fall: 7 }]);
  });

  test('a timeout never reaches beyond the interval', () => {
    const settings = settingsOf({ checks: [{ name: 'nfs', interval: '500ms', rise: 9 }] });
    expect(checksOn(settings, [nfs])).toEqual([{ ...nfs, intervalMs: 500, timeoutMs: 500, rise: 9 }]);
    expect(checksOn(settingsOf({ checks: [{ name: 'nfs', timeout: '9s' }] }), [nfs])).toEqual([
      { ...nfs, timeoutMs: 2_000 },
    ]);
  });
});
