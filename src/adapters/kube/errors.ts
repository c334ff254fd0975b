import { OpError, type OpErrorCode } from '../../core/op-error.ts';
import { API_VERSION, isRecord, type FollowedResource, type Resource } from './objects.ts';

/** What the API server answered. `body` is parsed JSON, or the text where it is none. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** A request in the words of RBAC. */
export interface Request {
  readonly verb: 'get' | 'list' | 'watch' | 'patch' | 'create' | 'delete';
  readonly resource: FollowedResource;
  readonly subresource?: 'status';
  readonly name?: string;
}

/** The reply's body where it is a success; throws OpError otherwise. */
export function expectOk(reply: Reply, request: Request): unknown {
  if (reply.status >= 200 && reply.status < 300) return reply.body;
  throw refusal(reply, request);
}

const NOT_INSTALLED =
  'CRDs are not installed: install vippool in this cluster (helm install, see docs/install.md), or choose the cluster ' +
  'that has it (kubectl config use-context)';

/** Why the API server refused, and what to do about it. */
export function refusal(reply: Reply, request: Request): OpError {
  const { verb, resource, subresource, name } = request;
  const { plural, group } = resource;
  const what = `${group === '' ? plural : `${plural}.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  const object = name === undefined ? what : `${what} "${name}"`;
  const said = messageOf(reply);
  switch (reply.status) {
    case 401:
      return new OpError('PermissionDenied', `the API server does not accept our credentials (401): ${said}`, {
        retryable: true,
      });
    case 403:
      return new OpError(
        'PermissionDenied',
        `not allowed to ${verb} ${object}: grant verb "${verb}" on resource "${plural}` +
          `${subresource === undefined ? '' : `/${subresource}`}" of API group "${group}" (403: ${said})`,
        { retryable: true },
      );
    case 404:
      // A collection is there with its CRD, even when it is empty.
      return name === undefined
        ? new OpError('NotFound', NOT_INSTALLED, { retryable: true })
        : new OpError('NotFound', `${object} does not exist`);
    default:
      return new OpError(codeOf(reply.status), `${verb} ${object} failed (${reply.status}): ${said}`);
  }
}

export function codeOf(status: number): OpErrorCode {
  if (status === 409) return 'Conflict';
  if (status === 504) return 'DeadlineExceeded';
  if (status === 408 || status === 410 || status === 429 || status >= 500) return 'Unavailable';
  return 'InvalidInput';
}

export function messageOf(reply: Reply): string {
  const message = isRecord(reply.body) ? reply.body['message'] : reply.body;
  return typeof message === 'string' && message !== '' ? message.slice(0, 500) : 'no reason given';
}

/** Maps what undici throws; `server` names whom we tried to reach. */
export function transportError(error: unknown, server: string): OpError {
  if (error instanceof OpError) return error;
  const code = isRecord(error) && typeof error['code'] === 'string' ? error['code'] : '';
  const late = /TIMEOUT|ETIMEDOUT/.test(code);
  const said = isRecord(error) ? String(error['message']) : String(error);
  return new OpError(
    late ? 'DeadlineExceeded' : 'Unavailable',
    `no answer from the API server ${server}: ${[code, said].filter((part) => part !== '').join(': ')}`,
    { cause: error },
  );
}

/** The part that every object of ours has in a request body. */
export const identity = (resource: Resource, name: string): Record<string, unknown> => ({
  apiVersion: API_VERSION,
  kind: resource.kind,
  metadata: { name },
});
