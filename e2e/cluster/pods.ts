/** Pods of our release, as the API server tells of them. */
import type { Client } from './client.ts';
import { NAMESPACE } from './release.ts';

export interface Pod {
  readonly name: string;
  readonly uid: string;
  /** Empty: it has none yet. */
  readonly node: string;
  readonly isRunning: boolean;
  /** Of all containers. */
  readonly restarts: number;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string };
    readonly spec: { readonly nodeName?: string };
    readonly status?: {
      readonly phase?: string;
      readonly containerStatuses?: readonly { readonly restartCount: number }[];
    };
  }[];
}

export async function podsOf(
  client: Client,
  ...components: readonly ('controller' | 'agent')[]
): Promise<readonly Pod[]> {
  const selector = `app.kubernetes.io/component in (${components.join(', ')})`;
  const { items } = (await client.get('pods', '--namespace', NAMESPACE, '--selector', selector)) as PodList;
  return items.map(({ metadata: { name, uid }, spec, status }) => ({
    name,
    uid,
    node: spec.nodeName ?? '',
    isRunning: status?.phase === 'Running',
    restarts: (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
  }));
}
