import type { ApiClient } from './api-client.ts';
import { callCore } from './core-objects.ts';
import { isRecord } from './objects.ts';

/** So many pods of a StatefulSet there shall be. Undefined where it does not say, or there is none. */
export async function wantedReplicas(
  api: ApiClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<number | undefined> {
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/statefulsets/${encodeURIComponent(name)}`;
  const request = { method: 'GET', path, verb: 'get', resource: 'statefulsets', name } as const;
  const { body } = await callCore(api, request, [200, 404]);
  const spec = isRecord(body) ? body['spec'] : undefined;
  const replicas = isRecord(spec) ? spec['replicas'] : undefined;
  return typeof replicas === 'number' && Number.isSafeInteger(replicas) && replicas >= 0 ? replicas : undefined;
}
