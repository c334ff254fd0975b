import type { VipTaskSpec } from '../../core/api/types.gen.ts';
import type { NodeName } from '../../core/ids.ts';
import type { ManifestWriter } from '../../ports/manifest-writer.ts';
import { ApiClient } from './api-client.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { expectOk, identity } from './errors.ts';
import { NODE_HEALTHS, pathOf, VIP_TASKS } from './objects.ts';

/** Owns the fields that commands set, so that they and those of a manifest stay apart. */
const FIELD_MANAGER = 'vippool-cli';

/** Manifests in a Kubernetes API server. */
export class KubeManifestWriter implements ManifestWriter {
  readonly #api: ApiClient;

  constructor(cluster: ClusterAccess) {
    this.#api = new ApiClient(cluster);
  }

  async createTask(name: string, spec: VipTaskSpec): Promise<void> {
    const reply = await this.#api.call({
      method: 'POST',
      path: pathOf(VIP_TASKS),
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/json',
      body: { ...identity(VIP_TASKS, name), spec },
    });
    // 404 means that the collection is missing, and so its CRD.
    expectOk(reply, { verb: 'create', resource: VIP_TASKS });
  }

  async setMaintenance(node: NodeName, maintenance: boolean): Promise<void> {
    const reply = await this.#api.call({
      method: 'PATCH',
      path: pathOf(NODE_HEALTHS, node),
      query: { fieldManager: FIELD_MANAGER, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: { ...identity(NODE_HEALTHS, node), spec: { maintenance } },
    });
    // What is applied is created where it is missing, so 404 means that its CRD is.
    const name = reply.status === 404 ? {} : { name: node };
    expectOk(reply, { verb: 'patch', resource: NODE_HEALTHS, ...name });
  }

  async close(): Promise<void> {
    await this.#api.close();
  }
}
