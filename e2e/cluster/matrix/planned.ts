/** What administrators do at noon: nobody may notice. */
import type { Promised } from '../../matrix/promises.ts';
import type { KubeCluster } from '../kube-cluster.ts';
import { podsOf } from '../pods.ts';
import { electorateOf, NAMESPACE, rollBack, upgrade } from '../release.ts';
import type { ClusterFault } from './fault.ts';
import { renewCertificates } from './renewal.ts';
import { replaceAuthority } from './rotation.ts';

const NOTICED_MS = 50;
const unnoticed: Promised = () => NOTICED_MS;

/** A promise for the work and for what follows it. */
export const planned = (fault: Omit<ClusterFault, 'promised' | 'promisedBack'>): ClusterFault => ({
  ...fault,
  promised: unnoticed,
  promisedBack: unnoticed,
});

/** Work that leaves nothing to be undone. */
const finished = (name: string, does: string, work: (kube: KubeCluster) => Promise<unknown>): ClusterFault =>
  planned({
    name,
    does,
    heals: '-',
    async inflict({ kube }) {
      await work(kube);
      return () => undefined;
    },
  });

export const PLANNED: readonly ClusterFault[] = [
  planned({
    name: 'upgrade',
    does: 'helm upgrade to another image replaces every agent and controller',
    heals: 'helm rollback replaces them again',
    async inflict(scene) {
      const { client } = scene.kube;
      await upgrade(client, `image.tag=${await scene.nextTag()}`);
      return () => rollBack(client);
    },
  }),
  planned({
    name: 'evict-controller',
    does: 'the pod of the master is evicted',
    heals: 'the StatefulSet brings it back',
    async inflict({ kube: { client } }, { master }) {
      const { name } = (await podsOf(client, 'controller')).find(({ node }) => node === master) ?? {};
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NAMESPACE } };
      const path = `/api/v1/namespaces/${NAMESPACE}/pods/${name}/eviction`;
      await client.kubectl(['create', '--raw', path, '-f', '-'], { input: JSON.stringify(eviction) });
      return () => undefined;
    },
  }),
  planned({
    name: 'drain',
    does: 'kubectl drain of the node of the master',
    heals: 'kubectl uncordon',
    async inflict({ kube: { client } }, { master }) {
      const options = ['--ignore-daemonsets', '--delete-emptydir-data', '--timeout=2m'];
      await client.kubectl(['drain', master, ...options], { timeoutMs: 150_000 });
      return () => client.kubectl(['uncordon', master]);
    },
  }),
  planned({
    name: 'electorate',
    does: 'helm upgrade from 3 to 5 controllers',
    heals: 'helm upgrade back to 3',
    // No two controllers share a node.
    leastNodes: 5,
    async inflict({ kube: { client } }) {
      const become = async (count: number): Promise<void> => {
        await upgrade(client, `controller.replicas=${count}`);
        await electorateOf(client, count);
      };
      await become(5);
      return () => become(3);
    },
  }),
  finished('renew-certificates', 'every certificate of agents and controllers is renewed', renewCertificates),
  finished(
    'replace-authority',
    'another authority of certificates, and every certificate by it, members of etcd replaced',
    replaceAuthority,
  ),
];
