import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { errorText } from '../../core/error-text.ts';
import { OpError } from '../../core/op-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Credentials, KeyMaterial } from '../../ports/credentials.ts';
import type { BearerToken } from './bearer-token.ts';
import { BoundedPort } from './bounded-port.ts';
import type { PromMetrics } from './prom-metrics.ts';

export interface MetricsServerOptions {
  readonly metrics: PromMetrics;
  /** Why the process is not ready; undefined: it is. */
  readonly notReady: () => string | undefined;
  readonly clock: Clock;
  /** Undefined: without encryption. */
  readonly credentials?: Credentials<Partial<KeyMaterial>> | undefined;
  /** What whoever reads metrics must show; undefined: nothing. Health is for everybody. */
  readonly token?: BearerToken | undefined;
}

const PATHS = ['/metrics', '/healthz', '/readyz'];
/** One request for each connection: its end does not wait for what may come next. */
const TEXT = { 'content-type': 'text/plain', connection: 'close' };

/**
 * GET /metrics in Prometheus' text format; GET /healthz, which answers while the event loop runs, whatever else is away;
 * and GET /readyz, which answers 503 with the reason where the process cannot do its part.
 */
export class MetricsServer {
  readonly #options: MetricsServerOptions;
  readonly #port: BoundedPort;
  readonly #server: Server | TlsServer;
  #unwatch: () => void = () => undefined;

  constructor(options: MetricsServerOptions) {
    this.#options = options;
    const { clock, metrics, credentials } = options;
    const answer: RequestListener = ({ method, url, headers }, response) => {
      const path = url?.split('?')[0] ?? '';
      const found = PATHS.includes(path);
      if (method !== 'GET' || !found) response.writeHead(found ? 405 : 404, TEXT).end();
      else void this.#answer(path, headers.authorization, response);
    };
    if (credentials) {
      const server = createTlsServer(secureOptions(credentials), answer);
      this.#unwatch = credentials.watch(() => server.setSecureContext(secureOptions(credentials)));
      this.#server = server;
    } else {
      this.#server = createServer(answer);
    }
    this.#port = new BoundedPort({ clock, metrics, onConnection: (socket) => this.#server.emit('connection', socket) });
  }

  /** Rejects with OpError where the address cannot be bound. */
  async start(host: string, port: number): Promise<void> {
    try {
      await this.#port.open(host, port);
    } catch (cause) {
      const message = `cannot serve metrics on ${host}:${port}: ${errorText(cause)}`;
      throw new OpError('InvalidInput', message, { cause });
    }
  }

  async stop(): Promise<void> {
    this.#unwatch();
    await this.#port.close();
  }

  async #answer(path: string, authorization: string | undefined, response: ServerResponse): Promise<void> {
    if (path === '/healthz') {
      response.writeHead(200, TEXT).end('ok\n');
      return;
    }
    if (path === '/readyz') {
      const reason = this.#options.notReady();
      response.writeHead(reason === undefined ? 200 : 503, TEXT).end(`${reason ?? 'ok'}\n`);
      return;
    }
    const { metrics, token } = this.#options;
    try {
      if (token && !(await token.admits(authorization))) {
        response.writeHead(401, { ...TEXT, 'www-authenticate': 'Bearer' }).end('a token is needed\n');
        return;
      }
      const text = await metrics.text();
      response.writeHead(200, { ...TEXT, 'content-type': metrics.registry.contentType }).end(text);
    } catch (error) {
      response.writeHead(500, TEXT).end(`${errorText(error)}\n`);
    }
  }
}

const secureOptions = (
  credentials: Credentials<Partial<KeyMaterial>>,
): { cert: string | undefined; key: string | undefined; minVersion: 'TLSv1.2' } => {
  const { certificate, privateKey } = credentials.current();
  return { cert: certificate, key: privateKey, minVersion: 'TLSv1.2' };
};
