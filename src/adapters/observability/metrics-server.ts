import { createServer, type Server } from 'node:http';
import { OpError } from '../../core/op-error.ts';
import type { PromMetrics } from './prom-metrics.ts';

const PATHS = ['/metrics', '/healthz', '/readyz'];
const TEXT = { 'content-type': 'text/plain' };

/**
 * GET /metrics in Prometheus' text format; GET /healthz, which answers while the event loop runs, whatever else is away;
 * and GET /readyz, which answers 503 with the reason where the process cannot do its part.
 */
export class MetricsServer {
  readonly #metrics: PromMetrics;
  readonly #notReady: () => string | undefined;
  #server: Server | undefined;

  /** @param notReady why the process is not ready; undefined: it is. */
  constructor(metrics: PromMetrics, notReady: () => string | undefined) {
    this.#metrics = metrics;
    this.#notReady = notReady;
  }

  /** Rejects with OpError where the address cannot be bound. */
  async start(host: string, port: number): Promise<void> {
    const { registry } = this.#metrics;
    const server = createServer((request, response) => {
      const path = request.url?.split('?')[0] ?? '';
      const found = PATHS.includes(path);
      if (request.method !== 'GET' || !found) {
        response.writeHead(found ? 405 : 404).end();
        return;
      }
      if (path === '/healthz') {
        response.writeHead(200, TEXT).end('ok\n');
        return;
      }
      if (path === '/readyz') {
        const reason = this.#notReady();
        response.writeHead(reason === undefined ? 200 : 503, TEXT).end(`${reason ?? 'ok'}\n`);
        return;
      }
      this.#metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        (error: unknown) => response.writeHead(500, TEXT).end(`${String(error)}\n`),
      );
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      // Stays for good: a fault of a later connection must not end the process.
      server.on('error', (cause) => {
        reject(new OpError('InvalidInput', `cannot serve metrics on ${host}:${port}: ${cause.message}`, { cause }));
      });
      server.listen(port, host, resolve);
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
