import { OpError } from '../../core/op-error.ts';
import type { ApiClient, Call } from './api-client.ts';
import { codeOf, messageOf, type Reply } from './errors.ts';

/** A request for something that is not of our API group, in the words of RBAC. */
export interface CoreRequest extends Call {
  readonly verb: 'get' | 'list' | 'patch' | 'create';
  /** "secrets", "pods/eviction", "tokenreviews.authentication.k8s.io" */
  readonly resource: string;
  readonly name?: string;
}

/** Returns the reply where its status is one of `expected`; throws OpError that says which right is missing, or what is wrong. */
export async function callCore(api: ApiClient, request: CoreRequest, expected: readonly number[]): Promise<Reply> {
  const { verb, resource, name, ...call } = request;
  const reply = await api.call(call);
  if (expected.includes(reply.status)) return reply;
  const what = name === undefined ? resource : `${resource} "${name}"`;
  const said = messageOf(reply);
  if (reply.status === 401 || reply.status === 403) {
    const message = `not allowed to ${verb} ${what}: grant verb "${verb}" on it (${reply.status}: ${said})`;
    throw new OpError('PermissionDenied', message, { retryable: true });
  }
  throw new OpError(codeOf(reply.status), `${verb} ${what} failed (${reply.status}): ${said}`);
}
