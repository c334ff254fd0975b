import { type IncomingMessage, request } from 'node:http';
import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { HttpProbe as HttpCheck, ProbeOutcome } from '../../core/checks.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import { type Endpoint, endpointText, lookupAll, messageOf, whyNotConnected } from './endpoint.ts';
import { failed, passed } from './outcome.ts';
import { lateText } from './wire.ts';

/** `contains` is looked for in so much of the body; the rest is not read. */
const BODY_BYTES = 64 * 1024;
const HEADER_BYTES = 16 * 1024;
/** What Node says where the connection ends before there is an answer. */
const HANG_UP = 'socket hang up';

/** One GET on a connection of its own. */
export const httpProbe: Probe<HttpCheck> = {
  run: (probe, context, signal) => {
    const url = URL.parse(probe.url);
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
      return Promise.resolve(failed(`"${probe.url}" is no URL: write http://HOST:PORT/PATH or https://...`));
    }
    return new HttpRun(url, probe, context).run(signal);
  },
};

class HttpRun {
  readonly #url: URL;
  readonly #probe: HttpCheck;
  readonly #timeoutMs: number;
  readonly #endpoint: Endpoint;
  #socket: Socket | undefined;
  #connected = false;
  /** Connected and, where it is wanted, with TLS. */
  #ready = false;

  constructor(url: URL, probe: HttpCheck, { timeoutMs }: ProbeContext) {
    this.#url = url;
    this.#probe = probe;
    this.#timeoutMs = timeoutMs;
    const tls = url.protocol === 'https:';
    // A URL has brackets around an IPv6 address.
    this.#endpoint = {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
    };
  }

  async run(signal: AbortSignal): Promise<ProbeOutcome> {
    if (signal.aborted) return this.#late();
    const cut = (): void => void this.#socket?.destroy();
    signal.addEventListener('abort', cut);
    try {
      return await this.#judge(await this.#ask());
    } catch (error) {
      return signal.aborted ? this.#late() : failed(this.#whyFailed(error));
    } finally {
      signal.removeEventListener('abort', cut);
      cut();
    }
  }

  #ask(): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { host, port } = this.#endpoint;
      const demand = request({
        host,
        port,
        defaultPort: this.#url.protocol === 'https:' ? 443 : 80,
        path: this.#url.pathname + this.#url.search,
        headers: { 'user-agent': 'vippool-check' },
        maxHeaderSize: HEADER_BYTES,
        createConnection: (_, made) => {
          const socket = this.#connect(() => made(null, socket));
          // Later errors belong to the demand.
          socket.on('error', (error) => this.#ready || made(error, socket));
          // The demand does not notice where there was no connection.
          socket.on('close', () => reject(new Error(HANG_UP)));
          return undefined;
        },
      });
      demand.on('response', resolve).on('error', reject).end();
    });
  }

  #connect(onReady: () => void): Socket {
    const ready = (): void => {
      this.#ready = true;
      onReady();
    };
    const socket = this.#url.protocol === 'https:' ? this.#openTls(ready) : connectTcp(this.#options, ready);
    this.#socket = socket;
    return socket.on('connect', () => (this.#connected = true));
  }

  get #options(): TcpNetConnectOpts {
    return { ...this.#endpoint, lookup: lookupAll, noDelay: true };
  }

  #openTls(ready: () => void): Socket {
    const { host } = this.#endpoint;
    const options = {
      ...this.#options,
      // An address is no name to ask for (RFC 6066); the certificate is checked against it all the same.
      ...(isIP(host) === 0 && { servername: host }),
      rejectUnauthorized: this.#probe.verifyTls,
      ALPNProtocols: ['http/1.1'],
    };
    return connectTls(options, ready);
  }

  async #judge(body: IncomingMessage): Promise<ProbeOutcome> {
    const { statusCode = 0 } = body;
    const { statuses, contains } = this.#probe;
    const [first, last] = statuses;
    const stated = `${endpointText(this.#endpoint)} answers ${statusCode}`;
    // Whatever else becomes of the body, nobody listens.
    body.on('error', () => undefined);
    if (statusCode < first || statusCode > last) {
      return failed(`${stated}, wanted ${first === last ? first : `${first} to ${last}`}`);
    }
    if (contains === '') return passed(stated);
    switch (await search(body, Buffer.from(contains))) {
      case 'found':
        return passed(stated);
      case 'absent':
        return failed(`${stated}, but the body does not contain "${contains}"`);
      case 'too-long':
        return failed(`${stated}, but the first 64 KiB of the body do not contain "${contains}"`);
    }
  }

  #late(): ProbeOutcome {
    return failed(lateText(this.#endpoint, this.#timeoutMs, this.#connected));
  }

  #whyFailed(error: unknown): string {
    const to = endpointText(this.#endpoint);
    // Has a code as though the other side had reset the connection.
    if (messageOf(error) === HANG_UP) return `${to} closed the connection without an answer`;
    const known = whyNotConnected(error, this.#endpoint);
    if (known !== undefined) return known;
    if (this.#url.protocol === 'https:' && !this.#ready) return `no TLS with ${to}: ${tlsReason(error)}`;
    return `${to} gives no answer of HTTP: ${messageOf(error)}`;
  }
}

/** Looks for bytes in the beginning of a body. */
async function search(body: AsyncIterable<Buffer>, wanted: Buffer): Promise<'found' | 'absent' | 'too-long'> {
  const seen = Buffer.alloc(BODY_BYTES);
  let length = 0;
  for await (const chunk of body) {
    const from = Math.max(0, length - wanted.length + 1);
    length += chunk.copy(seen, length);
    if (seen.subarray(0, length).includes(wanted, from)) return 'found';
    if (length === BODY_BYTES) return 'too-long';
  }
  return 'absent';
}

/** Node adds advice for its own users. */
const tlsReason = (error: unknown): string => messageOf(error).replace(/;.*/s, '');
