import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { poolName } from '../../core/ids.ts';
import { KubePoolProtection } from './kube-pool-protection.ts';
import { FINALIZER } from './objects.ts';

const POOLS = '/apis/vippool.io/v1alpha1/vippools';
const PODS = '/api/v1/namespaces/vip/pods';

let server: Server;
let protection: KubePoolProtection;
/** Answers by path, without the query: a body with status 200, or a status with its message. */
let answers: Record<string, object | number>;
let patches: unknown[];
let query: URLSearchParams;

const pool = (name: string, finalizers: readonly string[], deletionTimestamp?: string): object => ({
  metadata: { name, resourceVersion: '7', finalizers, deletionTimestamp },
});
const pod = (name: string, phase: string, nodeName?: string, ending: object = {}): object => ({
  metadata: { name, namespace: 'vip', ...ending },
  spec: { nodeName },
  status: { phase },
});

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}

beforeEach(async () => {
  answers = {};
  patches = [];
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const answer = answers[url.pathname] ?? 404;
    query = url.searchParams;
    const reply = (): unknown =>
      typeof answer === 'number'
        ? response.writeHead(answer).end(JSON.stringify({ message: 'said so' }))
        : response.end(JSON.stringify(answer));
    if (request.method === 'PATCH')
      void bodyOf(request)
        .then((body) => patches.push(body))
        .then(reply);
    else reply();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const access = { server: `http://127.0.0.1:${address.port}`, headers: {}, tls: {} };
  const cluster = { access: () => Promise.resolve(access), forget: () => undefined };
  protection = new KubePoolProtection({ cluster, namespace: 'vip' });
});

afterEach(async () => {
  await protection.close();
  server.close();
});

test('pools with our finalizer are protected, whether they go or stay', async () => {
  answers[POOLS] = {
    items: [
      pool('staying', [FINALIZER]),
      pool('going', ['a/b', FINALIZER], '2026-01-01T00:00:00Z'),
      pool('of-others', ['a/b']),
    ],
  };
  expect(await protection.protectedPools()).toEqual([
    { name: 'staying', deleting: false },
    { name: 'going', deleting: true },
  ]);
});

test('without their definition there are no pools', async () => {
  expect(await protection.protectedPools()).toEqual([]);
});

test('ours alone is taken, from a pool that stays as well', async () => {
  answers[`${POOLS}/staying`] = pool('staying', ['a/b', FINALIZER]);
  await protection.unprotect(poolName('staying'));
  expect(patches).toEqual([{ metadata: { resourceVersion: '7', finalizers: ['a/b'] } }]);
});

test('a pool that has gone meanwhile is no error', async () => {
  await protection.unprotect(poolName('gone'));
  expect(patches).toEqual([]);
});

test('pods of agents and controllers count until their containers have ended', async () => {
  answers[PODS] = {
    items: [
      pod('agent-a', 'Running', 'node-a'),
      pod('agent-b', 'Failed', 'node-b'),
      pod('agent-c', 'Succeeded', 'node-c'),
      pod('controller-0', 'Pending'),
      pod('agent-d', 'Running', 'node-d', {
        deletionTimestamp: '2026-01-01T00:00:15Z',
        deletionGracePeriodSeconds: 15,
      }),
    ],
  };
  expect(await protection.daemons()).toEqual([
    { name: 'vip/agent-a', node: 'node-a', graceMs: undefined },
    { name: 'vip/controller-0', node: undefined, graceMs: undefined },
    { name: 'vip/agent-d', node: 'node-d', graceMs: 15_000 },
  ]);
  expect(query.get('labelSelector')).toBe(
    'app.kubernetes.io/part-of=vippool,app.kubernetes.io/component in (agent,controller)',
  );
});

test('a right that is missing is named', async () => {
  Object.assign(answers, { [POOLS]: 403, [PODS]: 403 });
  await expect(protection.protectedPools()).rejects.toThrow('grant verb "list" on resource "vippools"');
  await expect(protection.daemons()).rejects.toThrow('not allowed to list pods: grant verb "list" on it');
  answers[`${POOLS}/nas`] = 403;
  await expect(protection.unprotect(poolName('nas'))).rejects.toThrow('grant verb "get" on resource "vippools"');
});

test('a server that is away is named', async () => {
  server.close();
  server.closeAllConnections();
  await expect(protection.protectedPools()).rejects.toMatchObject({ code: 'Unavailable' });
});
