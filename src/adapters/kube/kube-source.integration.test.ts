import { afterAll, beforeAll } from '@jest/globals';
import { sourceContract } from '../../testing/contract/source.contract.ts';
import { KubeAuthor } from '../../testing/kube-author.ts';
import { realClock, realRandom } from '../../testing/real-time.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../../testing/requirements.ts';
import { startEtcd, type EtcdServer } from '../../testing/servers/etcd.ts';
import { startKubeApiserver, type KubeApiserver } from '../../testing/servers/kube-apiserver.ts';
import { KubeconfigAccess } from './cluster-access.ts';
import { KubeSource } from './kube-source.ts';

describeWith(missingKubeApiserver(), 'on a real API server', () => {
  let etcd: EtcdServer | undefined;
  let server: KubeApiserver | undefined;
  let author: KubeAuthor | undefined;

  beforeAll(async () => {
    etcd = await startEtcd({ binary: etcdForKubeApiserver() });
    server = await startKubeApiserver({ binary: toolPath('kube-apiserver'), etcd: etcd.endpoint });
    author = new KubeAuthor(server);
    await author.installCrds();
  }, 120_000);

  afterAll(async () => {
    await author?.close();
    await server?.stop();
    await etcd?.stop();
  }, 60_000);

  sourceContract('Kubernetes', async () => {
    if (!server || !author) throw new Error('no API server');
    const { kubeconfigPath } = server;
    const writer = author;
    await writer.wipe();
    return {
      countsNodeEdits: true,
      newSource: () =>
        new KubeSource({
          cluster: new KubeconfigAccess({ path: kubeconfigPath }),
          clock: realClock,
          random: realRandom,
        }),
      apply: (name, spec) => writer.apply(name, spec),
      applyNode: (name, spec) => writer.applyNode(name, spec),
      applyTask: (name, spec) => writer.applyTask(name, spec),
      deleteTask: (name) => writer.deleteTask(name),
      remove: (name) => writer.remove(name),
      dispose: () => Promise.resolve(),
    };
  });
});
