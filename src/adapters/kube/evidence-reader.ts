import { OpError } from '../../core/op-error.ts';
import type { ApiClient } from './api-client.ts';
import { messageOf, type Reply } from './errors.ts';
import { isRecord } from './objects.ts';

/** What was read, or why it could not be: the same words for everything that the same right would give. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  /** `isAway`: the server did not say so, it said nothing. */
  | { readonly ok: false; readonly why: string; readonly isAway?: boolean };

/** A request in the words of RBAC. */
export interface Wanted {
  readonly verb: 'get' | 'list';
  /** "pods", "pods/log", "events.events.k8s.io" */
  readonly resource: string;
  /** Undefined: all of them, or it is in none. */
  readonly namespace?: string | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** Reads what may be read. That something may not, or is not there, is an answer too. */
export class EvidenceReader {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async object(wanted: Wanted): Promise<Read<Readonly<Record<string, unknown>>>> {
    return this.#read(wanted, false, ({ status, body }) => (status === 200 && isRecord(body) ? body : undefined));
  }

  /** With kind and version, which a list tells only once. */
  async list(wanted: Wanted): Promise<Read<readonly Readonly<Record<string, unknown>>[]>> {
    const read = await this.object(wanted);
    if (!read.ok) return read;
    const { items, kind, apiVersion } = read.value;
    const found: readonly unknown[] = Array.isArray(items) ? items : [];
    const itemKind = String(kind).replace(/List$/, '');
    return { ok: true, value: found.filter(isRecord).map((item) => ({ apiVersion, kind: itemKind, ...item })) };
  }

  /** @param statuses of answers that are no refusals, besides 200 */
  async text(wanted: Wanted, statuses: readonly number[] = []): Promise<Read<string>> {
    return this.#read(wanted, true, ({ status, body }) =>
      (status === 200 || statuses.includes(status)) && typeof body === 'string' && !isStatus(body) ? body : undefined,
    );
  }

  async #read<T>(wanted: Wanted, wantsText: boolean, judge: (reply: Reply) => T | undefined): Promise<Read<T>> {
    const { path, query } = wanted;
    try {
      const reply = await this.#api.call({ method: 'GET', path, ...(query && { query }), wantsText });
      const value = judge(reply);
      return value === undefined ? { ok: false, why: refusal(wanted, reply) } : { ok: true, value };
    } catch (error) {
      return { ok: false, why: error instanceof OpError ? error.message : String(error), isAway: true };
    }
  }
}

function refusal({ verb, resource, namespace }: Wanted, reply: Reply): string {
  const { status } = reply;
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  if (status === 401) return 'the API server does not accept your credentials (401)';
  if (status === 403)
    return `not allowed to ${verb} ${resource}${where}: who may has to grant you that, or run this (403)`;
  if (status === 404 && verb === 'list') return `there is no ${resource}: the CRDs are not installed (404)`;
  const body = typeof reply.body === 'string' ? parsed(reply.body) : reply.body;
  return `${verb} ${resource} failed (${status}): ${messageOf({ status, body })}`;
}

/** Whether this is what the API server itself says of a request that went wrong, rather than whom it was passed to. */
function isStatus(text: string): boolean {
  if (!text.startsWith('{')) return false;
  const body = parsed(text);
  return isRecord(body) && body['kind'] === 'Status';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
