import { expect, test } from '@jest/globals';
import {
  EtcdLeaseInvalidError,
  EtcdPermissionDeniedError,
  GRPCCancelledError,
  GRPCDeadlineExceededError,
  GRPCUnavailableError,
  GRPCUnknownError,
} from 'etcd3';
import { OpError } from '../../core/op-error.ts';
import { toOpError } from './etcd-errors.ts';

test.each([
  [new GRPCUnavailableError('down'), 'Unavailable', true],
  [new GRPCCancelledError('cut'), 'Unavailable', true],
  [new GRPCUnknownError('odd'), 'Unavailable', true],
  [new GRPCDeadlineExceededError('slow'), 'DeadlineExceeded', true],
  [new EtcdLeaseInvalidError('1'), 'NotFound', false],
  [new EtcdPermissionDeniedError('no'), 'PermissionDenied', false],
  [new TypeError('bug'), 'Internal', false],
  ['text', 'Internal', false],
])('%p becomes %s, retryable %p', (thrown, code, retryable) => {
  const error = toOpError('read', thrown);
  expect(error).toMatchObject({ code, retryable, cause: thrown });
  expect(error.message).toContain('etcd read failed');
});

test('an OpError stays what it is', () => {
  const error = new OpError('Conflict', 'x');
  expect(toOpError('read', error)).toBe(error);
});
