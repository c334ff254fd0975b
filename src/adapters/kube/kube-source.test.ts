import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { realClock, realRandom } from '../../testing/real-time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { SnapshotRecorder } from '../../testing/snapshot-recorder.ts';
import { KubeSource } from './kube-source.ts';
import { poolName } from '../../core/ids.ts';

type Answer = (response: ServerResponse, query: URLSearchParams) => void;

/** What the server does next for pools, one entry per request; the last one repeats. There are no nodes, and no tasks at first. */
let script: {
  lists: Answer[];
  watches: Answer[];
  patches: Answer[];
  gets: Answer[];
  taskLists: Answer[];
  hostLists: Answer[];
};
/** Their CRD is not installed. */
let hasNoTasks: boolean;
let asked: { kind: keyof typeof script; query: URLSearchParams }[];
/** What was asked for of Nodes. */
let accepted: string[];
/** NodeHealths that are there. */
let recorded: string[];
let server: Server;
let recorder: SnapshotRecorder;

/** A pool, a node or the record of one. */
const pool = (name: string, resourceVersion: string): unknown => ({
  metadata: {
    name,
    uid: name,
    resourceVersion,
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { zone: 'a' },
  },
  spec: {},
  status: { labels: { zone: 'as-recorded' } },
});
const list =
  (resourceVersion: string, names: readonly string[], token?: string): Answer =>
  (response) =>
    response.end(
      JSON.stringify({
        metadata: { resourceVersion, ...(token === undefined ? {} : { continue: token }) },
        items: names.map((name) => pool(name, resourceVersion)),
      }),
    );
const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;
const added = (name: string, version: string): string => line('ADDED', pool(name, version));
const bookmark = (version: string): string => line('BOOKMARK', { metadata: { resourceVersion: version } });
const gone = line('ERROR', { code: 410, message: 'too old resource version' });
/** Sends lines; then ends the watch, or leaves it open. */
const watch =
  (lines: readonly string[], end = false): Answer =>
  (response) => {
    response.flushHeaders();
    for (const text of lines) response.write(text);
    if (end) response.end();
  };
const status =
  (code: number): Answer =>
  (response) =>
    response.writeHead(code).end(JSON.stringify({ kind: 'Status', message: `status ${code}` }));

function next(kind: keyof typeof script, response: ServerResponse, query: URLSearchParams): void {
  asked.push({ kind, query });
  const answers = script[kind];
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  answer?.(response, query);
}

function onRequest(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://server');
  const isWatch = url.searchParams.get('watch') === 'true';
  if (hasNoTasks && url.pathname.includes('viptasks')) return status(404)(response, url.searchParams);
  if (url.pathname.includes('viptasks') && !isWatch) return next('taskLists', response, url.searchParams);
  if (url.pathname === '/api/v1/nodes') {
    accepted.push(request.headers.accept ?? '');
    return isWatch ? watch([])(response, url.searchParams) : next('hostLists', response, url.searchParams);
  }
  if (/nodehealths|viptasks/.test(url.pathname))
    return (isWatch ? watch([]) : list('1', url.pathname.includes('nodehealths') ? recorded : []))(
      response,
      url.searchParams,
    );
  if (request.method === 'PATCH') return next('patches', response, url.searchParams);
  if (!url.pathname.endsWith('/vippools')) return next('gets', response, url.searchParams);
  next(isWatch ? 'watches' : 'lists', response, url.searchParams);
}

let ports: RecordedPorts;

const names = (): string[] => recorder.latest?.pools.map(({ name }) => name) ?? [];
const queries = (kind: keyof typeof script, key: string): (string | null)[] =>
  asked.filter((request) => request.kind === kind).map(({ query }) => query.get(key));

function start(watchSilenceMs = 90_000, hostLabels = false): void {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const access = { server: `http://127.0.0.1:${address.port}`, headers: {}, tls: {} };
  const cluster = { access: () => Promise.resolve(access), forget: () => undefined };
  recorder = new SnapshotRecorder(
    new KubeSource({
      cluster,
      clock: realClock,
      random: realRandom,
      watchSilenceMs,
      metrics: ports.metrics,
      hostLabels,
    }),
  ).start();
}

beforeEach(async () => {
  ports = new RecordedPorts();
  script = {
    lists: [list('1', [])],
    watches: [watch([])],
    patches: [status(200)],
    gets: [status(404)],
    taskLists: [list('1', [])],
    hostLists: [list('1', [])],
  };
  asked = [];
  accepted = [];
  recorded = [];
  hasNoTasks = false;
  server = createServer(onRequest).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  await recorder.source.stop();
  server.closeAllConnections();
  server.close();
});

test('a long list is read in pages of 500 and then watched with bookmarks from its version', async () => {
  script.lists = [list('7', ['a'], 'p2'), list('7', ['b'], 'p3'), list('7', ['c'])];
  start();
  await recorder.until('three pools', ({ pools }) => pools.length === 3);
  while (queries('watches', 'watch').length === 0) await once(server, 'request');
  expect(recorder.snapshots).toHaveLength(1);
  expect(queries('lists', 'limit')).toEqual(['500', '500', '500']);
  // Three pages, the list of nodes, and at least the watch that was seen.
  expect(ports.count('api_requests_total code=200')).toBeGreaterThanOrEqual(4);
  expect(queries('lists', 'continue')).toEqual([null, 'p2', 'p3']);
  expect(Object.fromEntries(asked.find(({ kind }) => kind === 'watches')?.query ?? [])).toEqual({
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: '290',
    resourceVersion: '7',
  });
});

test('a watch that ends is resumed from the last event or bookmark, without a new list', async () => {
  script.watches = [watch([added('a', '8')], true), watch([bookmark('20')], true), watch([added('b', '21')])];
  start();
  await recorder.until('both pools', () => names().join() === 'a,b');
  expect(queries('watches', 'resourceVersion').slice(0, 3)).toEqual(['1', '8', '20']);
  expect(queries('lists', 'limit')).toHaveLength(1);
  expect(recorder.faults).toEqual([]);
});

test.each([
  ['in the stream', watch([gone])],
  ['as an answer', status(410)],
])('410 %s leads to a new list, which is the whole truth', async (_, refusal) => {
  script.lists = [list('1', ['a', 'b']), list('30', ['b', 'c'])];
  script.watches = [refusal, watch([added('d', '31')])];
  start();
  await recorder.until('the new list and what follows it', () => names().join() === 'b,c,d');
  expect(queries('watches', 'resourceVersion').slice(0, 2)).toEqual(['1', '30']);
  expect(recorder.faults).toEqual([]);
});

test('a server error at the start is one fault, and the list is tried again', async () => {
  script.lists = [status(500), status(503), list('1', ['a'])];
  start();
  await recorder.until('the pool', () => names().join() === 'a');
  expect(recorder.faults).toHaveLength(1);
  expect(recorder.faults[0]).toMatchObject({ code: 'Unavailable' });
});

test('a watch that falls silent is given up and resumed', async () => {
  script.watches = [watch([added('a', '8')]), watch([added('b', '9')])];
  start(100);
  await recorder.until('both pools', () => names().join() === 'a,b');
  expect(queries('watches', 'resourceVersion').slice(0, 2)).toEqual(['1', '8']);
});

test('nonsense in a watch leads to a new list in the end', async () => {
  script.lists = [list('1', ['a']), list('5', ['b'])];
  script.watches = [watch(['what?\n']), watch(['{"type":1}\n']), watch(['[]\n']), watch([])];
  start();
  await recorder.until('the new list', () => names().join() === 'b');
  expect(recorder.faults[0]?.message).toContain('not a watch event');
});

test('a line may come in pieces', async () => {
  const text = added('a', '8');
  script.watches = [watch([text.slice(0, 20), text.slice(20, 40), text.slice(40)])];
  start();
  await recorder.until('the pool', () => names().join() === 'a');
});

test('a conflict of a status write is retried after reading', async () => {
  script.lists = [list('1', ['a'])];
  script.patches = [status(409), status(409), status(200)];
  script.gets = [(response) => response.end(JSON.stringify(pool('a', '2')))];
  start();
  await recorder.source.writePoolStatus(poolName('a'), { total: 1 });
  expect(asked.map(({ kind }) => kind).filter((kind) => kind === 'patches' || kind === 'gets')).toEqual([
    'patches',
    'gets',
    'patches',
    'gets',
    'patches',
  ]);
  expect(queries('patches', 'fieldManager')[0]).toBe('vippool-controller');
  expect(queries('patches', 'force')[0]).toBe('true');
});

test('a conflict that stays is the error of the write', async () => {
  script.patches = [status(409)];
  script.gets = [(response) => response.end(JSON.stringify(pool('a', '2')))];
  start();
  await expect(recorder.source.writePoolStatus(poolName('a'), {})).rejects.toMatchObject({ code: 'Conflict' });
});

test('an object that goes during a conflict needs no status', async () => {
  script.patches = [status(409)];
  start();
  await recorder.source.writePoolStatus(poolName('a'), {});
  expect(queries('patches', 'force')).toHaveLength(1);
});

test('stop during a list that is not answered ends at once, and nothing is asked afterwards', async () => {
  script.lists = [() => undefined, list('1', [])];
  start();
  while (asked.length === 0) await once(server, 'request');
  const first = recorder;
  await first.source.stop();
  start();
  await recorder.until('a snapshot of the next source', () => true);
  expect(queries('lists', 'limit')).toHaveLength(2);
  expect([first.snapshots, first.faults]).toEqual([[], []]);
});

test('without the CRD of tasks everything else is read, and the fault is told once', async () => {
  hasNoTasks = true;
  script.lists = [list('1', ['nas'])];
  start();
  await recorder.untilPool('nas');
  expect((await recorder.untilFault()).message).toContain('CRDs are not installed');
  expect(recorder.latest?.tasks).toBeUndefined();
  expect(recorder.faults).toHaveLength(1);
});

test('tasks are read anew by a list that began after that was asked for, whatever their watch says', async () => {
  let held: ServerResponse | undefined;
  script.taskLists = [list('1', []), (response) => void (held = response), status(500), list('3', ['t'])];
  start();
  const lists = async (count: number): Promise<void> => {
    while (queries('taskLists', 'limit').length < count) await once(server, 'request');
  };
  await recorder.until('no tasks', ({ tasks }) => tasks?.length === 0);
  recorder.source.readTasks('1/c1');
  await lists(2);
  recorder.source.readTasks('2/c1');
  if (held) list('2', [])(held, new URLSearchParams());
  const { tasks = [] } = await recorder.until('the mark', ({ tasksAsOf }) => tasksAsOf === '2/c1');
  expect(tasks.map(({ name }) => name)).toEqual(['t']);
  expect(recorder.snapshots.filter(({ tasksAsOf }) => tasksAsOf === '1/c1')).toEqual([]);
});

test('without being asked for, labels of Nodes are not read', async () => {
  start();
  expect((await recorder.until('a snapshot', () => true)).hostLabels).toBeUndefined();
  expect(accepted).toEqual([]);
});

test('nothing is told before the labels of Nodes are known, of which only the metadata is asked for', async () => {
  let held: ServerResponse | undefined;
  script.hostLists = [(response) => void (held = response)];
  script.lists = [list('1', ['nas'])];
  start(90_000, true);
  while (queries('hostLists', 'limit').length === 0 || queries('watches', 'watch').length === 0)
    await once(server, 'request');
  expect(recorder.snapshots).toEqual([]);
  if (held) list('1', ['node-1'])(held, new URLSearchParams());
  const { hostLabels } = await recorder.until('a snapshot', () => true);
  expect([...(hostLabels ?? [])]).toEqual([['node-1', { zone: 'a' }]]);
  expect(accepted[0]).toBe('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1');
});

test('who may not read Nodes goes on with the labels on record, and says which right is missing', async () => {
  script.hostLists = [status(403)];
  script.lists = [list('1', ['nas'])];
  recorded = ['node-1'];
  start(90_000, true);
  const { hostLabels } = await recorder.until('a snapshot', () => true);
  expect([...(hostLabels ?? [])]).toEqual([['node-1', { zone: 'as-recorded' }]]);
  expect((await recorder.untilFault()).message).toContain('grant verb "list" on resource "nodes" of API group ""');
});
