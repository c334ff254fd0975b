import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Authority } from '../../core/certificates/authority-book.ts';
import type { TokenReview } from '../../core/certificates/token-review.ts';
import { nodeIdentity } from '../../core/identity.ts';
import { nodeName } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import type { SignAnswer } from '../../ports/identity-service.ts';
import { PaperCertifier } from '../../testing/paper-certifier.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { RequestDesk } from './request-desk.ts';

const ACCOUNT = { namespace: 'vippool-system', name: 'vippool-agent' };
const AUTHORITY: Authority = { certificate: 'authority\n', privateKey: 'key', untilMs: Number.MAX_SAFE_INTEGER };
const WORKER_1 = nodeIdentity(nodeName('worker-1'));
/** In the form of a token; the reviewer knows what is in it. */
const tokenOf = (node: string, serial = 1): string => `aaaa.${node}.${serial}${'0'.repeat(4)}`;

let clock: VirtualClock;
let issuer: Authority | undefined;
let reviews: number;
let isAway: boolean;
let desk: RequestDesk;

function review(token: string): Promise<TokenReview> {
  reviews++;
  if (isAway) return Promise.reject(new OpError('Unavailable', 'no answer from the API server'));
  const [, node = '', serial = ''] = token.split('.');
  const extra = {
    'authentication.kubernetes.io/node-name': [node],
    'authentication.kubernetes.io/pod-name': ['pod'],
    'authentication.kubernetes.io/credential-id': [`JTI=${node}-${serial}`],
  };
  const username = `system:serviceaccount:${ACCOUNT.namespace}:${ACCOUNT.name}`;
  const isAuthenticated = node !== 'expired';
  return Promise.resolve({ isAuthenticated, audiences: ['vippool'], username, extra, error: 'token has expired' });
}

beforeEach(() => {
  clock = new VirtualClock();
  issuer = AUTHORITY;
  reviews = 0;
  isAway = false;
  desk = new RequestDesk({
    issuer: () => issuer,
    account: ACCOUNT,
    certifier: new PaperCertifier(clock),
    reviewer: { review },
    clock,
  });
});

const answers: SignAnswer[] = [];
afterEach(() => {
  expect(JSON.stringify(answers.splice(0))).not.toMatch(/aaaa\./);
});
async function ask(token: string, key: string, identity?: string): Promise<SignAnswer> {
  const request = Buffer.from(identity === undefined ? key : `${key} ${identity}`);
  const answer = await desk.sign({ token, request });
  answers.push(answer);
  return answer;
}
const refusedWith = (detail: RegExp): object => ({ kind: 'refused', detail: expect.stringMatching(detail) });

test('an agent is certified for the node of its token, for two weeks', async () => {
  const answer = await ask(tokenOf('worker-1'), 'key-1', WORKER_1);
  const certificate = answer.kind === 'certified' ? (JSON.parse(answer.certificate) as object) : {};
  expect(certificate).toMatchObject({
    by: 'authority',
    for: WORKER_1,
    untilMs: clock.wallNow().getTime() + 14 * 86_400_000,
  });
});

test.each([
  ['another node', nodeIdentity(nodeName('worker-2'))],
  ['a controller', 'spiffe://vippool/controller/worker-1'],
  ['nobody', undefined],
])('a request in the name of %s is refused', async (_, identity) => {
  expect(await ask(tokenOf('worker-1'), 'key-1', identity)).toEqual(refusedWith(/asks to be .*, not .*worker-1/));
});

test('a token that the API server does not accept is refused', async () => {
  expect(await ask(tokenOf('expired'), 'key-1', WORKER_1)).toEqual(refusedWith(/token has expired/));
});

describe('a token that was recorded', () => {
  test('is of no use with another key', async () => {
    await ask(tokenOf('worker-1'), 'key-1', WORKER_1);
    expect(await ask(tokenOf('worker-1'), 'key-2', WORKER_1)).toEqual(refusedWith(/used before, for another key/));
  });

  test('is taken again from the one who has the key: the answer was lost', async () => {
    await ask(tokenOf('worker-1'), 'key-1', WORKER_1);
    expect(await ask(tokenOf('worker-1'), 'key-1', WORKER_1)).toMatchObject({ kind: 'certified' });
  });

  test('does not stand in the way of the next one', async () => {
    await ask(tokenOf('worker-1'), 'key-1', WORKER_1);
    expect(await ask(tokenOf('worker-1', 2), 'key-2', WORKER_1)).toMatchObject({ kind: 'certified' });
  });
});

describe('the API server is not asked about', () => {
  afterEach(() => expect(reviews).toBe(0));

  test.each(['', 'token', 'a.b', 'a.b.c.d', `aaaa.${'x'.repeat(7_000)}.bbbb`, 'aaaa.b b.cccc'])(
    'what is no token: %#',
    async (token) => {
      expect(await ask(token, 'key-1', WORKER_1)).toEqual(refusedWith(/not a token/));
    },
  );

  test('a request that is no good', async () => {
    expect(await ask(tokenOf('worker-1'), '')).toEqual(refusedWith(/request is no good/));
  });

  test('anything, while the authority is not known', async () => {
    issuer = undefined;
    expect(await ask(tokenOf('worker-1'), 'key-1', WORKER_1)).toMatchObject({ kind: 'unavailable' });
  });
});

test('an API server that is away refuses nobody', async () => {
  isAway = true;
  expect(await ask(tokenOf('worker-1'), 'key-1', WORKER_1)).toMatchObject({ kind: 'unavailable' });
  isAway = false;
  expect(await ask(tokenOf('worker-1'), 'key-1', WORKER_1)).toMatchObject({ kind: 'certified' });
});
