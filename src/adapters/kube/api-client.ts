import { Agent, request as send, type Dispatcher } from 'undici';
import type { Metrics } from '../../ports/metrics.ts';
import type { Access, ClusterAccess, TlsMaterial } from './cluster-access.ts';
import { transportError, type Reply } from './errors.ts';

export interface Call {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  /** Sent as JSON, which every YAML reader takes too. */
  readonly body?: unknown;
  /** Default: JSON, or anything where text is wanted. */
  readonly accept?: string;
  /** The reply's body stays text, even where it is JSON. */
  readonly wantsText?: boolean;
}

/** An open watch. `close` frees its connection, whatever state it is in. */
export interface OpenWatch {
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): void;
}

/** A call that takes longer has met a dead server or a dead path to it. */
const CONNECT_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 5_000;
/** First keep-alive probe of the kernel on an idle connection; libuv sends 10 of them, 1 s apart: dead after 15 s. */
const KEEP_ALIVE_DELAY_MS = 5_000;

/**
 * Plain HTTP/1.1 to the API server. Calls share a few connections; each watch has its own, since a watch on a dead
 * connection must not hold up the calls, nor the next watch. Over HTTP/2 they would share one connection.
 */
export class ApiClient {
  readonly #cluster: ClusterAccess;
  readonly #metrics: Metrics | undefined;
  readonly #ended = new AbortController();
  #shared: { readonly key: string; readonly agent: Agent } | undefined;

  /** @param metrics where requests are counted */
  constructor(cluster: ClusterAccess, metrics?: Metrics) {
    this.#cluster = cluster;
    this.#metrics = metrics;
  }

  /** Tried once. Throws OpError where no answer came; an answer of any status is a reply. */
  async call(call: Call): Promise<Reply> {
    const access = await this.#cluster.access();
    const agent = this.#agentFor(access.tls);
    try {
      const response = await this.#send(access, call, agent, this.#ended.signal);
      return await this.#read(response, call.wantsText);
    } catch (error) {
      // Its other connections may be as dead as this one: the next call makes a new one.
      if (this.#shared?.agent === agent) this.#retire();
      throw transportError(error, access.server);
    }
  }

  /** Throws OpError where no answer came; returns the reply where the server refused. */
  async watch(call: Call, signal: AbortSignal): Promise<OpenWatch | Reply> {
    const access = await this.#cluster.access();
    const agent = newAgent(access.tls, 0);
    const close = (): void => void agent.destroy();
    try {
      const response = await this.#send(access, call, agent, AbortSignal.any([signal, this.#ended.signal]));
      if (response.statusCode === 200) return { chunks: response.body, close };
      const reply = await this.#read(response);
      close();
      return reply;
    } catch (error) {
      close();
      throw transportError(error, access.server);
    }
  }

  /** Ends all calls and watches at once. */
  async close(): Promise<void> {
    this.#ended.abort(new Error('the client was closed'));
    const agent = this.#shared?.agent;
    this.#shared = undefined;
    await agent?.destroy();
  }

  async #send(access: Access, call: Call, dispatcher: Agent, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let code = '0';
    try {
      const response = await this.#request(access, call, dispatcher, signal);
      code = String(response.statusCode);
      return response;
    } finally {
      this.#metrics?.count('api_requests_total', { code });
    }
  }

  #request(access: Access, call: Call, dispatcher: Agent, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const url = new URL(access.server + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const { contentType } = call;
    return send(url, {
      method: call.method,
      dispatcher,
      signal,
      headers: {
        ...access.headers,
        accept: call.accept ?? (call.wantsText === true ? '*/*' : 'application/json'),
        'user-agent': 'vippool',
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
    });
  }

  async #read(response: Dispatcher.ResponseData, wantsText = false): Promise<Reply> {
    if (response.statusCode === 401) this.#cluster.forget();
    const text = await response.body.text();
    if (wantsText) return { status: response.statusCode, body: text };
    try {
      return { status: response.statusCode, body: JSON.parse(text) };
    } catch {
      return { status: response.statusCode, body: text };
    }
  }

  /** Calls under way finish on the old connections. */
  #retire(): void {
    // Rejects where the agent was destroyed meanwhile, which is what it is for.
    this.#shared?.agent.close().catch(() => undefined);
    this.#shared = undefined;
  }

  #agentFor(tls: TlsMaterial): Agent {
    const key = JSON.stringify(tls);
    if (this.#shared?.key !== key) {
      this.#retire();
      this.#shared = { key, agent: newAgent(tls, ANSWER_TIMEOUT_MS) };
    }
    return this.#shared.agent;
  }
}

/** `bodyTimeout` 0: the caller watches over silence itself. */
function newAgent(tls: TlsMaterial, bodyTimeout: number): Agent {
  return new Agent({
    allowH2: false,
    connections: 4,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout,
    connect: { ...tls, timeout: CONNECT_TIMEOUT_MS, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS },
  });
}
