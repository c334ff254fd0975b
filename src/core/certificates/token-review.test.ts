import { describe, expect, test } from '@jest/globals';
import { nodeOfToken, type TokenReview } from './token-review.ts';

const ACCOUNT = { namespace: 'vippool-system', name: 'vippool-agent' };
const GOOD: TokenReview = {
  isAuthenticated: true,
  audiences: ['vippool'],
  username: 'system:serviceaccount:vippool-system:vippool-agent',
  extra: {
    'authentication.kubernetes.io/node-name': ['worker-1'],
    'authentication.kubernetes.io/pod-name': ['vippool-agent-x'],
    'authentication.kubernetes.io/credential-id': ['JTI=1'],
  },
  error: '',
};
const without = (key: string): TokenReview => ({
  ...GOOD,
  extra: Object.fromEntries(Object.entries(GOOD.extra).filter(([name]) => !name.endsWith(key))),
});
const onNode = (...names: string[]): TokenReview => ({
  ...GOOD,
  extra: { ...GOOD.extra, 'authentication.kubernetes.io/node-name': names },
});

test('a token of an agent speaks for the node of its pod', () => {
  expect(nodeOfToken(GOOD, ACCOUNT)).toEqual({ ok: true, node: 'worker-1', credential: 'JTI=1' });
  expect(nodeOfToken(without('credential-id'), ACCOUNT)).toEqual({
    ok: true,
    node: 'worker-1',
    credential: undefined,
  });
});

describe('is refused with what is wrong:', () => {
  const cases: [string, TokenReview, RegExp][] = [
    ['one that has expired', { ...GOOD, isAuthenticated: false, error: 'token has expired' }, /token has expired/],
    ['one for somebody else', { ...GOOD, audiences: ['https://kubernetes.default.svc'] }, /audience vippool/],
    ['one for nobody in particular', { ...GOOD, audiences: [] }, /audience vippool/],
    ['that of another account', { ...GOOD, username: 'system:serviceaccount:default:default' }, /that of .*default/],
    [
      'that of an account of the same name elsewhere',
      { ...GOOD, username: 'system:serviceaccount:x:vippool-agent' },
      /x:/,
    ],
    ['that of no pod', without('pod-name'), /bound to no pod/],
    ['that of no node', without('node-name'), /bound to no pod/],
    ['that of two nodes', onNode('worker-1', 'worker-2'), /bound to no pod/],
    ['that of an impossible node', onNode('worker-1/../controller'), /cannot be one/],
  ];
  test.each(cases)('%s', (_, review, detail) => {
    expect(nodeOfToken(review, ACCOUNT)).toEqual({ ok: false, detail: expect.stringMatching(detail) });
  });
});
