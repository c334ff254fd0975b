import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePort } from '../../testing/free-port.ts';
import { MetricsServer } from './metrics-server.ts';
import { PromMetrics } from './prom-metrics.ts';

let metrics: PromMetrics;
let server: MetricsServer;
let port: number;
let notReady: string | undefined;
const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, init);

beforeEach(async () => {
  metrics = new PromMetrics();
  notReady = undefined;
  server = new MetricsServer(metrics, () => notReady);
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
  expect([response.status, await response.text()]).toEqual([500, 'Error: broken collector\n']);
});

test('an address that is taken is an error that names it', async () => {
  const second = new MetricsServer(metrics, () => undefined);
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
