import { OpError } from '../../core/op-error.ts';
import { isRecord, parseObject, type KubeObject } from './objects.ts';

/** One line of a watch. */
export type WatchEvent =
  | { readonly kind: 'put'; readonly object: KubeObject }
  | { readonly kind: 'deleted'; readonly object: KubeObject }
  /** Nothing of ours changed up to this version. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  /** The server ends the watch; 410: our version is too old. */
  | { readonly kind: 'error'; readonly status: number; readonly message: string };

/** etcd takes no object of more than 1.5 MiB; a line beyond this is not from an API server. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/** Cuts a byte stream into its lines; characters and lines may be split anywhere. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = '';

  /** The lines that this chunk completes, without empty ones. Throws OpError where a line never ends. */
  push(chunk: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE_LENGTH) throw new OpError('Internal', 'a line of the watch is too long');
    return lines.filter((line) => line.trim() !== '');
  }
}

/** Throws OpError for a line that is no watch event. */
export function parseWatchLine(line: string): WatchEvent {
  const event = parseJson(line);
  if (!isRecord(event) || !isRecord(event['object'])) throw notAnEvent(line);
  const body = event['object'];
  if (event['type'] === 'ERROR') {
    const { code, message } = body;
    return {
      kind: 'error',
      status: typeof code === 'number' ? code : 0,
      message: typeof message === 'string' ? message : 'no reason given',
    };
  }
  if (event['type'] === 'BOOKMARK') {
    const version = isRecord(body['metadata']) ? body['metadata']['resourceVersion'] : undefined;
    if (typeof version !== 'string') throw notAnEvent(line);
    return { kind: 'bookmark', resourceVersion: version };
  }
  const object = parseObject(body);
  if (object === undefined) throw notAnEvent(line);
  switch (event['type']) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'put', object };
    case 'DELETED':
      return { kind: 'deleted', object };
    default:
      throw notAnEvent(line);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const notAnEvent = (line: string): OpError =>
  new OpError('Internal', `not a watch event: ${line.slice(0, 200)}`, { retryable: true });
