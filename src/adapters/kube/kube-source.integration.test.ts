import { afterAll, beforeAll } from '@jest/globals';
import { sourceContract } from '../../testing/contract/source.contract.ts';
import { findBinary } from '../../testing/find-binary.ts';
import { KubeAuthor } from '../../testing/kube-author.ts';
import { realClock, realRandom } from '../../testing/real-time.ts';
import { describeWith } from '../../testing/requirements.ts';
import { startEtcd, type EtcdServer } from '../../testing/servers/etcd.ts';
import { startKubeApiserver, type KubeApiserver } from '../../testing/servers/kube-apiserver.ts';
import { KubeconfigAccess } from './cluster-access.ts';
import { KubeSource } from './kube-source.ts';

const binaries = { etcd: findBinary('etcd'), apiserver: findBinary('kube-apiserver') };
const missing =
  binaries.etcd && binaries.apiserver ? undefined : 'etcd and kube-apiserver in KUBEBUILDER_ASSETS or PATH';

describeWith(missing, 'on a real API server', () => {
  let etcd: EtcdServer | undefined;
  let server: KubeApiserver | undefined;
  let author: KubeAuthor | undefined;

  beforeAll(async () => {
    etcd = await startEtcd({ binary: binaries.etcd ?? '' });
    server = await startKubeApiserver({ binary: binaries.apiserver ?? '', etcd: etcd.endpoint });
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
      newSource: () =>
        new KubeSource({
          cluster: new KubeconfigAccess({ path: kubeconfigPath }),
          clock: realClock,
          random: realRandom,
        }),
      apply: (name, spec) => writer.apply(name, spec),
      remove: (name) => writer.remove(name),
      dispose: () => Promise.resolve(),
    };
  });
});
