import type { EtcdMembers } from '../../ports/etcd-members.ts';
import type { ApiClient } from './api-client.ts';
import { callCore } from './core-objects.ts';
import { isRecord } from './objects.ts';

/** Pods of a StatefulSet, by their names. */
export class KubeEtcdMembers implements EtcdMembers {
  readonly #api: ApiClient;
  readonly #namespace: string;
  readonly #pods: readonly string[];

  constructor(api: ApiClient, namespace: string, pods: readonly string[]) {
    this.#api = api;
    this.#namespace = namespace;
    this.#pods = pods;
  }

  async startedAt(): Promise<ReadonlyMap<string, number | undefined>> {
    const all = this.#pods.map(async (name) => {
      const request = { method: 'GET', path: this.#pathOf(name), verb: 'get', resource: 'pods', name } as const;
      const { body } = await callCore(this.#api, request, [200, 404]);
      return [name, startIn(body)] as const;
    });
    return new Map(await Promise.all(all));
  }

  /** By eviction: the PodDisruptionBudget says whether the others can do without it. */
  async restart(name: string): Promise<boolean> {
    const request = {
      method: 'POST',
      path: `${this.#pathOf(name)}/eviction`,
      contentType: 'application/json',
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: this.#namespace } },
      verb: 'create',
      resource: 'pods/eviction',
      name,
    } as const;
    const { status } = await callCore(this.#api, request, [200, 201, 404, 429]);
    return status === 200 || status === 201;
  }

  #pathOf(name: string): string {
    return `/api/v1/namespaces/${encodeURIComponent(this.#namespace)}/pods/${encodeURIComponent(name)}`;
  }
}

/** Undefined where its container does not run, or the pod is on its way out. */
function startIn(body: unknown): number | undefined {
  const metadata = fieldOf(body, 'metadata');
  const containers = fieldOf(fieldOf(body, 'status'), 'containerStatuses');
  const [container] = Array.isArray(containers) ? (containers as unknown[]) : [];
  const startedAt = fieldOf(fieldOf(fieldOf(container, 'state'), 'running'), 'startedAt');
  if (typeof startedAt !== 'string' || fieldOf(metadata, 'deletionTimestamp') !== undefined) return undefined;
  const atMs = Date.parse(startedAt);
  return Number.isFinite(atMs) ? atMs : undefined;
}

const fieldOf = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);
