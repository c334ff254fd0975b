import { poolName, type PoolName } from '../../core/ids.ts';
import type { DaemonPod, PoolProtection, ProtectedPool } from '../../ports/pool-protection.ts';
import { ApiClient } from './api-client.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { callCore } from './core-objects.ts';
import { expectOk } from './errors.ts';
import { takeFinalizer } from './finalizers.ts';
import { FINALIZER, isRecord, parseObject, pathOf, VIP_POOLS } from './objects.ts';
import { ObjectWriter } from './object-writer.ts';
import { field, list, text } from './workload-trouble.ts';

export interface KubePoolProtectionOptions {
  readonly cluster: ClusterAccess;
  /** Where pods are looked for. Default: everywhere. */
  readonly namespace?: string | undefined;
}

/** Pods of the chart that hold addresses or protect pools, whatever the release is called. */
const DAEMONS = 'app.kubernetes.io/part-of=vippool,app.kubernetes.io/component in (agent,controller)';
/** Phases of pods none of whose containers will ever run again. */
const ENDED = ['Succeeded', 'Failed'];

/** The finalizer of pools in a Kubernetes API server. */
export class KubePoolProtection implements PoolProtection {
  readonly #api: ApiClient;
  readonly #writer: ObjectWriter;
  readonly #podsPath: string;

  constructor({ cluster, namespace }: KubePoolProtectionOptions) {
    this.#api = new ApiClient(cluster);
    this.#writer = new ObjectWriter(this.#api);
    this.#podsPath =
      namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  }

  async protectedPools(): Promise<readonly ProtectedPool[]> {
    const reply = await this.#api.call({ method: 'GET', path: pathOf(VIP_POOLS) });
    // Without the definition there are no pools.
    if (reply.status === 404) return [];
    return itemsIn(expectOk(reply, { verb: 'list', resource: VIP_POOLS }))
      .map(parseObject)
      .filter((object) => object !== undefined)
      .filter(({ metadata }) => metadata.finalizers.includes(FINALIZER))
      .map(({ metadata }) => ({
        name: poolName(metadata.name),
        deleting: metadata.deletionTimestamp !== undefined,
      }));
  }

  async daemons(): Promise<readonly DaemonPod[]> {
    const request = {
      method: 'GET',
      path: this.#podsPath,
      query: { labelSelector: DAEMONS },
      verb: 'list',
      resource: 'pods',
    } as const;
    const { body } = await callCore(this.#api, request, [200]);
    return itemsIn(body)
      .filter((pod) => !ENDED.includes(text(field(pod, 'status'), 'phase')))
      .map((pod) => {
        const metadata = field(pod, 'metadata');
        const node = text(field(pod, 'spec'), 'nodeName');
        return {
          name: `${text(metadata, 'namespace')}/${text(metadata, 'name')}`,
          node: node === '' ? undefined : node,
          graceMs: graceOf(metadata),
        };
      });
  }

  async unprotect(pool: PoolName): Promise<void> {
    await this.#writer.amend(VIP_POOLS, pool, takeFinalizer);
  }

  async close(): Promise<void> {
    await this.#api.close();
  }
}

const itemsIn = (body: unknown): readonly Readonly<Record<string, unknown>>[] =>
  isRecord(body) ? list(body, 'items') : [];

function graceOf(metadata: unknown): number | undefined {
  if (text(metadata, 'deletionTimestamp') === '') return undefined;
  const seconds = isRecord(metadata) ? metadata['deletionGracePeriodSeconds'] : undefined;
  return typeof seconds === 'number' ? seconds * 1_000 : 0;
}
