import { KubeconfigAccess } from '../adapters/kube/cluster-access.ts';
import { KubeSource } from '../adapters/kube/kube-source.ts';
import type { EventSinkHarness, ShownEvent } from './contract/event-sink.contract.ts';
import type { KubeAuthor } from './kube-author.ts';
import { realClock, realRandom } from './real-time.ts';

interface CoreEvent {
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid: string };
  readonly eventTime: string;
  readonly type: ShownEvent['type'];
  readonly reason: string;
  readonly action: string;
  readonly message: string;
  readonly series?: { readonly count: number };
}

/** Events in an API server that has a pool `nas` and a node `node-a`, and no event yet. */
export async function kubeEventSink(author: KubeAuthor, kubeconfigPath: string): Promise<EventSinkHarness> {
  await author.wipe();
  await author.call('DELETE', '/api/v1/namespaces/default/events');
  await author.apply('nas', { addresses: ['192.0.2.10'] });
  await author.applyNode('node-a', {});
  const source = new KubeSource({
    cluster: new KubeconfigAccess({ path: kubeconfigPath }),
    clock: realClock,
    random: realRandom,
  });
  return {
    sink: source.events,
    eventsOf: async ({ kind, name }) => {
      const plural = kind === 'VipPool' ? 'vippools' : 'nodehealths';
      const object = await author.call('GET', `/apis/vippool.io/v1alpha1/${plural}/${name}`);
      const uid = (object.body['metadata'] as { uid?: string } | undefined)?.uid;
      // As `kubectl describe` asks.
      const selector = uid === undefined ? `involvedObject.name=${name}` : `involvedObject.uid=${uid}`;
      const { body } = await author.call('GET', `/api/v1/events?fieldSelector=${encodeURIComponent(selector)}`);
      const found = (body['items'] as CoreEvent[]).toSorted((a, b) => (a.eventTime < b.eventTime ? -1 : 1));
      return found.map(({ type, reason, action, message, series }) => ({
        type,
        reason,
        action,
        note: message,
        count: series?.count ?? 1,
      }));
    },
    dispose: () => source.stop(),
  };
}
