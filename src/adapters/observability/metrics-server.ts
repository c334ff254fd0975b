import { createServer, type Server } from 'node:http';
import { OpError } from '../../core/op-error.ts';
import type { PromMetrics } from './prom-metrics.ts';

/** GET /metrics in Prometheus' text format, and GET /healthz, which answers while the event loop runs. */
export class MetricsServer {
  readonly #metrics: PromMetrics;
  #server: Server | undefined;

  constructor(metrics: PromMetrics) {
    this.#metrics = metrics;
  }

  /** Rejects with OpError where the address cannot be bound. */
  async start(host: string, port: number): Promise<void> {
    const { registry } = this.#metrics;
    const server = createServer((request, response) => {
      const path = request.url?.split('?')[0];
      const found = path === '/metrics' || path === '/healthz';
      if (request.method !== 'GET' || !found) {
        response.writeHead(found ? 405 : 404).end();
        return;
      }
      if (path === '/healthz') {
        response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
        return;
      }
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        (error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(`${String(error)}\n`),
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
