import { describe, expect, it } from '@jest/globals';
import { describeWith, firstMissing, missingProgram, planOf } from './requirements.ts';

describe('tests that need something', () => {
  it('run where nothing is missing', () => {
    expect(planOf(undefined, 'etcd', true)).toEqual({ kind: 'run', title: 'etcd' });
  });

  it('are skipped with the reason in the title', () => {
    expect(planOf('needs root', 'etcd', false)).toEqual({ kind: 'skip', title: 'etcd [skipped: needs root]' });
  });

  it('fail with the reason when skips are not allowed', () => {
    expect(planOf('needs root', 'etcd', true)).toEqual({ kind: 'fail', title: 'etcd', reason: 'needs root' });
  });
});

let ran = false;
describeWith(undefined, 'a group with all it needs', () => {
  it('runs', () => {
    ran = true;
  });
});

it('and did run', () => {
  expect(ran).toBe(true);
});

describe('reasons', () => {
  it('the first of several counts', () => {
    expect(firstMissing(undefined, 'needs root', 'needs etcd')).toBe('needs root');
    expect(firstMissing(undefined, undefined)).toBeUndefined();
  });

  it('a program that is nowhere is missing, sh is not', () => {
    expect(missingProgram('vippool-no-such-program', 'some-package')).toBe(
      'needs the program vippool-no-such-program (package some-package)',
    );
    expect(missingProgram('sh')).toBeUndefined();
  });
});
