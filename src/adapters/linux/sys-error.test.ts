import { expect, test } from '@jest/globals';
import { OpError } from '../../core/op-error.ts';
import { errnoName, SysError, toOpError } from './sys-error.ts';

test('errors have the names of the kernel', () => {
  expect([17, 19, 11].map(errnoName)).toEqual(['EEXIST', 'ENODEV', 'EAGAIN']);
  expect(errnoName(9999)).toBe('9999');
});

test.each([
  [1, 'PermissionDenied', false],
  [105, 'Unavailable', true],
  [22, 'Internal', false],
] as const)('errno %i is %s', (errno, code, retryable) => {
  const cause = new SysError('socket', errno);
  const error = toOpError(cause, 'opening rtnetlink');
  expect(error).toBeInstanceOf(OpError);
  expect(error).toMatchObject({ code, retryable, cause });
});

test('what is no system call passes', () => {
  const error = new Error('other');
  expect(toOpError(error, 'opening rtnetlink')).toBe(error);
});
