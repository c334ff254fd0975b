import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get as getSecurely } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../testing/free-port.ts';
import { HeldCredentials, TestAuthority } from '../../testing/certificates.ts';
import { realClock as clock } from '../../testing/real-time.ts';
import { BearerToken } from './bearer-token.ts';
import { MetricsServer, type MetricsServerOptions } from './metrics-server.ts';
import { PromMetrics } from './prom-metrics.ts';

let metrics: PromMetrics;
let server: MetricsServer;
let port: number;
let notReady: string | undefined;
const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, init);

const newServer = (more: Partial<MetricsServerOptions> = {}): MetricsServer =>
  new MetricsServer({ metrics, notReady: () => notReady, clock, ...more });

async function serveWith(more: Partial<MetricsServerOptions>): Promise<void> {
  await server.stop();
  server = newServer(more);
  await server.start('127.0.0.1', port);
}

beforeEach(async () => {
  metrics = new PromMetrics();
  notReady = undefined;
  server = newServer();
  port = await freePort();
  await server.start('127.0.0.1', port);
});
afterEach(() => server.stop());

test('serves metrics in the text format of Prometheus', async () => {
  metrics.gauge('election_term', 3);
  for (const path of ['/metrics', '/metrics?name=x']) {
    const response = await get(path);
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await response.text()).toContain('vippool_election_term 3');
  }
});

test('answers /healthz', async () => {
  const response = await get('/healthz');
  expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
});

test('answers /readyz with the reason where the process is not ready, and is alive all the same', async () => {
  const answers = async (path: string): Promise<unknown> => {
    const response = await get(path);
    return [response.status, await response.text()];
  };
  expect(await answers('/readyz')).toEqual([200, 'ok\n']);
  notReady = 'no lease';
  expect(await answers('/readyz')).toEqual([503, 'no lease\n']);
  expect(await answers('/healthz')).toEqual([200, 'ok\n']);
});

test('knows nothing else', async () => {
  expect((await get('/')).status).toBe(404);
  expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
});

test('says so where the metrics cannot be made', async () => {
  metrics.registry.metrics = () => Promise.reject(new Error('broken collector'));
  const response = await get('/metrics');
  expect([response.status, await response.text()]).toEqual([500, 'broken collector\n']);
});

test('an address that is taken is an error that names it', async () => {
  const second = newServer();
  await expect(second.start('127.0.0.1', port)).rejects.toMatchObject({
    code: 'InvalidInput',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
});

test('stops with a connection open', async () => {
  await get('/healthz');
  await server.stop();
  await expect(get('/healthz')).rejects.toThrow();
});

describe('with a token', () => {
  const WORD = 'c29tZS13b3Jk';
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vippool-metrics-'));
    path = join(directory, 'token');
    await writeFile(path, `${WORD}\n`);
    await serveWith({ token: new BearerToken(path) });
  });
  afterEach(() => rm(directory, { recursive: true }));

  const statusWith = async (authorization?: string, at = '/metrics'): Promise<number> =>
    (await get(at, authorization === undefined ? {} : { headers: { authorization } })).status;

  test('metrics are for whoever shows it', async () => {
    expect(await statusWith(`Bearer ${WORD}`)).toBe(200);
    expect(await statusWith(`bearer  ${WORD}`)).toBe(200);
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${WORD}x`,
    `Bearer ${WORD.slice(1)}`,
    WORD,
    `Basic ${WORD}`,
    `Bearer ${WORD} ${WORD}`,
  ])('metrics are not for whoever shows %j', async (shown) => {
    const response = await get('/metrics', shown === undefined ? {} : { headers: { authorization: shown } });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await response.text()).not.toContain('vippool_');
  });

  test('health is for everybody', async () => {
    expect([await statusWith(undefined, '/healthz'), await statusWith(undefined, '/readyz')]).toEqual([200, 200]);
  });

  test('the newest one counts at once', async () => {
    await writeFile(path, 'another');
    expect([await statusWith(`Bearer ${WORD}`), await statusWith('Bearer another')]).toEqual([401, 200]);
  });

  test('nobody passes while its file is gone or holds none', async () => {
    await writeFile(path, ' \n');
    expect([await statusWith('Bearer '), await statusWith(`Bearer ${WORD}`)]).toEqual([500, 500]);
    await rm(path);
    expect([await statusWith(), await statusWith(`Bearer ${WORD}`)]).toEqual([500, 500]);
  });

  test.each([
    ['', 'is empty; write one word'],
    ['two words', 'has blanks in it; write one word'],
  ])('a file with %j is refused at the start', async (text, reason) => {
    await writeFile(path, text);
    await expect(new BearerToken(path).check()).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining(reason),
    });
  });
});

describe('with a certificate', () => {
  let authority: TestAuthority;
  let credentials: HeldCredentials;
  beforeEach(async () => {
    authority = await TestAuthority.create();
    credentials = new HeldCredentials(await authority.server());
    await serveWith({ credentials });
  });

  /** Status of the answer to somebody who trusts this authority. */
  const statusFor = (trusted: TestAuthority): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const url = `https://127.0.0.1:${port}/metrics`;
      getSecurely(url, { ca: trusted.pair.certificate, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });

  test('metrics are encrypted, and the server can be known', async () => {
    expect(await statusFor(authority)).toBe(200);
    await expect(statusFor(await TestAuthority.create())).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
  });

  test('nothing is served without encryption', async () => {
    await expect(get('/healthz')).rejects.toThrow();
  });

  test('a renewed one is shown from then on', async () => {
    const other = await TestAuthority.create();
    credentials.replace(await other.server());
    expect(await statusFor(other)).toBe(200);
  });
});
