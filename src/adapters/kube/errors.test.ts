import { describe, expect, test } from '@jest/globals';
import { OpError } from '../../core/op-error.ts';
import { expectOk, refusal, transportError, type Request } from './errors.ts';
import { NODE_HEALTHS, VIP_POOLS } from './objects.ts';
import { Outages } from './outages.ts';

const list: Request = { verb: 'list', resource: VIP_POOLS };
const status: Request = { verb: 'patch', resource: NODE_HEALTHS, subresource: 'status', name: 'node-a' };
const said = { message: 'because' };

test('a success is its body', () => expect(expectOk({ status: 201, body: { a: 1 } }, list)).toEqual({ a: 1 }));

test.each([
  [401, list, 'PermissionDenied', true, 'credentials'],
  [403, list, 'PermissionDenied', true, 'grant verb "list" on resource "vippools" of API group "vippool.io"'],
  [403, status, 'PermissionDenied', true, 'grant verb "patch" on resource "nodehealths/status"'],
  [
    404,
    list,
    'NotFound',
    true,
    'CRDs are not installed: install vippool in this cluster (helm install, see docs/install.md), or choose the cluster that has it (kubectl config use-context)',
  ],
  [404, status, 'NotFound', false, 'nodehealths.vippool.io/status "node-a" does not exist'],
  [409, status, 'Conflict', true, 'because'],
  [410, list, 'Unavailable', true, 'because'],
  [422, status, 'InvalidInput', false, 'because'],
  [429, list, 'Unavailable', true, 'because'],
  [500, list, 'Unavailable', true, 'because'],
  [504, list, 'DeadlineExceeded', true, 'because'],
] as const)('status %d of %o is %s', (code, request, expected, retryable, text) => {
  const error = refusal({ status: code, body: said }, request);
  expect(error).toMatchObject({ code: expected, retryable });
  expect(error.message).toContain(text);
});

test('a page of HTML from a proxy does not fill the log', () => {
  expect(refusal({ status: 502, body: 'x'.repeat(9_999) }, list).message.length).toBeLessThan(700);
});

describe('no answer', () => {
  test.each([
    ['UND_ERR_HEADERS_TIMEOUT', 'DeadlineExceeded'],
    ['UND_ERR_CONNECT_TIMEOUT', 'DeadlineExceeded'],
    ['ETIMEDOUT', 'DeadlineExceeded'],
    ['ECONNREFUSED', 'Unavailable'],
    ['ECONNRESET', 'Unavailable'],
  ])('%s is %s', (code, expected) => {
    const error = transportError(Object.assign(new Error('socket'), { code }), 'https://192.0.2.1:6443');
    expect(error).toMatchObject({ code: expected, retryable: true });
    expect(error.message).toContain(`https://192.0.2.1:6443: ${code}: socket`);
  });

  test('our own errors stay what they are', () => {
    const own = new OpError('InvalidInput', 'no kubeconfig');
    expect(transportError(own, '')).toBe(own);
  });
});

describe('an outage', () => {
  test('is news once for all that fail for the same reason', () => {
    const outages = new Outages();
    expect(outages.failed('pools', 'away')).toBe(true);
    expect(outages.failed('nodes', 'away')).toBe(false);
    expect(outages.failed('pools', 'away')).toBe(false);
  });

  test('is news again when its reason changes, or after it was over', () => {
    const outages = new Outages();
    outages.failed('pools', 'away');
    expect(outages.failed('pools', 'forbidden')).toBe(true);
    expect(outages.failed('pools', 'away')).toBe(false);
    outages.healthy('pools');
    expect(outages.failed('pools', 'away')).toBe(true);
  });
});
