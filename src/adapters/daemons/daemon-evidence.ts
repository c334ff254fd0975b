import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Agent, request } from 'undici';
import type { Evidence, Finding } from '../../ports/evidence.ts';

export interface DaemonEvidenceOptions {
  /** Where controllers and agents serve metrics and health. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Files that hold logs. */
  readonly logs: readonly string[];
}

const ANSWER_TIMEOUT_MS = 3_000;
/** The end of a file that is kept. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;
const OK = 200;
const NOT_READY = 503;

/** What controllers and agents tell that are asked one by one, and what they wrote to files. */
export class DaemonEvidence implements Evidence {
  readonly #options: DaemonEvidenceOptions;
  readonly #agent = new Agent({
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    connect: { timeout: ANSWER_TIMEOUT_MS },
  });

  constructor(options: DaemonEvidenceOptions) {
    this.#options = options;
  }

  async *findings(signal: AbortSignal): AsyncGenerator<Finding, void, undefined> {
    const { addresses, logs } = this.#options;
    for (const { host, port } of addresses) {
      const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      const folder = `daemons/${host.replaceAll(':', '-')}_${port}`;
      yield* await this.#ask(place, '/readyz', `${folder}/readyz.txt`, signal);
      yield* await this.#ask(place, '/metrics', `${folder}/metrics.txt`, signal);
    }
    for (const [index, path] of logs.entries()) {
      yield await tail(path, `logs/${index + 1}-${basename(path)}`);
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #ask(place: string, path: string, file: string, signal: AbortSignal): Promise<readonly Finding[]> {
    const what = `${path} of ${place}`;
    try {
      const { statusCode, body } = await request(`http://${place}${path}`, { signal, dispatcher: this.#agent });
      const text = await body.text();
      const isTold = statusCode === OK || (statusCode === NOT_READY && path === '/readyz');
      if (!isTold) return [{ kind: 'missing', what, why: `the answer was ${statusCode}` }];
      const told: Finding = { kind: 'text', path: file, text };
      return statusCode === OK ? [told] : [told, { kind: 'trouble', what: place, why: `/readyz: ${text.trim()}` }];
    } catch (error) {
      return [{ kind: 'missing', what, why: `no answer: ${reasonOf(error)}` }];
    }
  }
}

async function tail(path: string, file: string): Promise<Finding> {
  try {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, MAX_LOG_BYTES);
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await handle.read(buffer, 0, length, size - length);
      return { kind: 'text', path: file, text: buffer.toString('utf8', 0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { kind: 'missing', what: `log ${path}`, why: reasonOf(error) };
  }
}

/** Node's own errors are of another realm in some hosts, so they are known by their shape. */
function reasonOf(error: unknown): string {
  const { code, message } =
    typeof error === 'object' && error !== null ? (error as { code?: unknown; message?: unknown }) : {};
  return String(code ?? message ?? error);
}
