import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Finding } from '../../ports/evidence.ts';
import { KubeEvidence } from './kube-evidence.ts';

/** Answers by path, without the query: a body with status 200, or a status with its message. */
type Answers = Record<string, string | object | number>;

const GROUP = '/apis/vippool.io/v1alpha1';
const POD = '/api/v1/namespaces/vip/pods/agent-x';
const metadata = { name: 'agent-x', namespace: 'vip' };
const AGENT = {
  metadata,
  spec: { containers: [{ name: 'agent', ports: [{ name: 'metrics', containerPort: 7_482 }] }] },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'agent is not ready' }],
    containerStatuses: [
      {
        name: 'agent',
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } },
        lastState: { terminated: { reason: 'Error', exitCode: 1, finishedAt: '2026-01-01T00:00:00Z' } },
      },
    ],
  },
};

let server: Server;
let evidence: KubeEvidence;
let answers: Answers;
let asked: URL[];

beforeEach(async () => {
  asked = [];
  answers = {
    '/version': { gitVersion: 'v1.34.1' },
    [`${GROUP}/vippools`]: {
      kind: 'VipPoolList',
      apiVersion: 'vippool.io/v1alpha1',
      items: [{ metadata: { name: 'nas', uid: 'u', generation: 1 }, spec: {} }],
    },
    [`${GROUP}/nodehealths`]: { kind: 'NodeHealthList', items: [{ metadata: { name: 'node-a' } }] },
    [`${GROUP}/viptasks`]: { kind: 'VipTaskList', items: [] },
    '/apis/apps/v1/daemonsets': {
      kind: 'DaemonSetList',
      items: [
        {
          metadata: { name: 'agent', namespace: 'vip', generation: 2 },
          spec: { template: { spec: { containers: [{ image: 'vippool:0.1.0' }] } } },
          status: { desiredNumberScheduled: 3, numberReady: 2, updatedNumberScheduled: 3, observedGeneration: 2 },
        },
      ],
    },
    '/apis/apps/v1/statefulsets': { kind: 'StatefulSetList', items: [] },
    '/api/v1/pods': { kind: 'PodList', items: [AGENT] },
    [`${POD}/log`]: '{"level":"info"}',
    [`${POD}:7482/proxy/metrics`]: 'vippool_build_info 1\n',
    [`${POD}:7482/proxy/readyz`]: 'ok\n',
    '/apis/events.k8s.io/v1/namespaces/default/events': { kind: 'EventList', items: [] },
    '/apis/events.k8s.io/v1/namespaces/vip/events': {
      kind: 'EventList',
      items: [
        { metadata: { name: 'second' }, regarding: { name: 'agent-gone' }, eventTime: '2026-01-01T00:00:02Z' },
        { metadata: { name: 'first' }, regarding: { name: 'agent-x' }, eventTime: '2026-01-01T00:00:01Z' },
        { metadata: { name: 'foreign' }, regarding: { name: 'database-0' } },
      ],
    },
  };
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    asked.push(url);
    const answer = answers[url.pathname] ?? 404;
    if (typeof answer === 'string') return response.end(answer);
    if (typeof answer === 'object') return response.end(JSON.stringify(answer));
    return response.writeHead(answer).end(JSON.stringify({ kind: 'Status', message: `of ${url.pathname}` }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  evidence = evidenceOf({});
});

afterEach(async () => {
  await evidence.close();
  server.close();
});

function evidenceOf(options: { readonly namespace?: string }): KubeEvidence {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const access = { server: `http://127.0.0.1:${address.port}`, headers: {}, tls: {} };
  const cluster = { access: () => Promise.resolve(access), forget: () => undefined };
  return new KubeEvidence({ cluster, sinceMs: 3_600_000, ...options });
}

async function findings(signal = new AbortController().signal): Promise<Finding[]> {
  const all: Finding[] = [];
  for await (const finding of evidence.findings(signal)) all.push(finding);
  return all;
}

const textAt = (all: readonly Finding[], path: string): string | undefined =>
  all.find((item) => item.kind === 'text' && item.path === path)?.['text' as never];

function reasons(all: readonly Finding[], kind: 'missing' | 'trouble'): Record<string, string[]> {
  const byName: Record<string, string[]> = {};
  for (const item of all) if (item.kind === kind) (byName[item.what] ??= []).push(item.why);
  return byName;
}

test('objects, logs and what processes say are found, and no Secret is asked for', async () => {
  const all = await findings();
  expect(all.flatMap((item) => (item.kind === 'objects' || item.kind === 'text' ? [item.path] : []))).toEqual([
    'resources/vippools.yaml',
    'resources/nodehealths.yaml',
    'resources/viptasks.yaml',
    'resources/events.yaml',
    'kubernetes/daemonsets.yaml',
    'kubernetes/statefulsets.yaml',
    'kubernetes/pods.yaml',
    'kubernetes/events.yaml',
    'pods/vip/agent-x/agent.log',
    'pods/vip/agent-x/agent.previous.log',
    'pods/vip/agent-x/readyz.txt',
    'pods/vip/agent-x/metrics.txt',
  ]);
  expect(textAt(all, 'pods/vip/agent-x/agent.log')).toBe('{"level":"info"}');
  expect(textAt(all, 'pods/vip/agent-x/metrics.txt')).toBe('vippool_build_info 1\n');
  expect(all).toContainEqual({ kind: 'fact', what: 'Kubernetes', value: 'v1.34.1' });
  expect(all).toContainEqual({ kind: 'fact', what: 'DaemonSet vip/agent', value: 'vippool:0.1.0' });
  const pools = { apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', spec: {} };
  expect(all).toContainEqual(expect.objectContaining({ objects: [expect.objectContaining(pools)] }));
  const snapshot = all.find((item) => item.kind === 'snapshot')?.snapshot;
  expect(snapshot).toMatchObject({ pools: [{ name: 'nas' }], nodes: [{ name: 'node-a' }], tasks: [], complete: true });
  expect(asked.filter(({ pathname }) => /secret/i.test(pathname))).toEqual([]);
});

test('logs are bounded, and objects are those of the release', async () => {
  await findings();
  const queries = asked
    .filter(({ pathname }) => pathname === `${POD}/log`)
    .map((url) => Object.fromEntries(url.searchParams));
  const limits = { container: 'agent', tailLines: '10000', limitBytes: '10485760' };
  expect(queries).toEqual([
    { ...limits, sinceSeconds: '3600' },
    { ...limits, previous: 'true' },
  ]);
  const pods = asked.find(({ pathname }) => pathname === '/api/v1/pods');
  expect(pods?.searchParams.get('labelSelector')).toBe('app.kubernetes.io/part-of=vippool');
});

test('events about pods that are gone are among them, those of others are not', async () => {
  const events = (await findings()).find((item) => item.kind === 'objects' && item.path === 'kubernetes/events.yaml');
  const names = ['first', 'second'].map((name) => expect.objectContaining({ metadata: { name } }));
  expect(events).toMatchObject({ objects: names });
});

test('what is wrong with workloads and pods is said in words', async () => {
  answers[`${POD}:7482/proxy/readyz`] = 'no controller answers\n';
  expect(reasons(await findings(), 'trouble')).toEqual({
    'DaemonSet vip/agent': ['2 of 3 pods are ready'],
    'pod vip/agent-x': [
      'not Ready: ContainersNotReady: agent is not ready',
      'container agent waits: CrashLoopBackOff: back-off 5m0s',
      'container agent was restarted 2 times, the last time by Error (exit code 1) at 2026-01-01T00:00:00Z',
      '/readyz: no controller answers',
    ],
  });
});

test('each right that is missing is named, and takes nothing else away', async () => {
  answers[`${GROUP}/nodehealths`] = 403;
  answers[`${POD}:7482/proxy/metrics`] = 403;
  answers[`${POD}:7482/proxy/readyz`] = 403;
  answers['/apis/apps/v1/statefulsets'] = 403;
  const all = await findings();
  const grant = 'who may has to grant you that, or run this (403)';
  expect(reasons(all, 'missing')).toMatchObject({
    'nodehealths.vippool.io': [`not allowed to list nodehealths.vippool.io: ${grant}`],
    '/metrics of vip/agent-x': [`not allowed to get pods/proxy in namespace vip: ${grant}`],
    '/readyz of vip/agent-x': [`not allowed to get pods/proxy in namespace vip: ${grant}`],
    statefulsets: [`not allowed to list statefulsets: ${grant}; --namespace asks for one namespace alone`],
  });
  expect(all.find((item) => item.kind === 'snapshot')?.snapshot).toMatchObject({ pools: [{ name: 'nas' }], nodes: [] });
  expect(textAt(all, 'pods/vip/agent-x/agent.log')).toBeDefined();
});

test('one namespace alone', async () => {
  evidence = evidenceOf({ namespace: 'vip' });
  answers['/api/v1/namespaces/vip/pods'] = { kind: 'PodList', items: [] };
  expect(reasons(await findings(), 'missing')['what controllers and agents tell']).toEqual([
    'no pod with label app.kubernetes.io/part-of=vippool is to be seen in namespace vip: is the chart installed?',
  ]);
  expect(asked.map(({ pathname }) => pathname)).toContain('/apis/apps/v1/namespaces/vip/daemonsets');
});

test('where nothing is installed, that is said', async () => {
  answers = { '/version': { gitVersion: 'v1.34.1' } };
  expect(reasons(await findings(), 'missing')['vippools.vippool.io']).toEqual([
    'there is no vippools.vippool.io: the CRDs are not installed (404)',
  ]);
});

test('pods for which no time is left are named', async () => {
  expect(reasons(await findings(AbortSignal.abort()), 'missing')).toMatchObject({
    'what vip/agent-x tells': ['no time was left: --timeout gives more'],
  });
});

test('a server that does not answer is asked once', async () => {
  server.close();
  server.closeAllConnections();
  expect(await findings()).toEqual([
    {
      kind: 'missing',
      what: 'what the API server knows',
      why: expect.stringContaining('no answer from the API server'),
    },
  ]);
});
