import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { stringify } from 'yaml';
import { DirectorySource } from '../adapters/directory/directory-source.ts';
import { KubeconfigAccess } from '../adapters/kube/cluster-access.ts';
import { KubeSource } from '../adapters/kube/kube-source.ts';
import { operateContract } from '../testing/contract/operate.contract.ts';
import { KubeAuthor } from '../testing/kube-author.ts';
import { realClock, realRandom } from '../testing/real-time.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../testing/requirements.ts';
import { startEtcd, type EtcdServer } from '../testing/servers/etcd.ts';
import { startKubeApiserver, type KubeApiserver } from '../testing/servers/kube-apiserver.ts';

operateContract('a directory', async () => {
  const path = await mkdtemp(join(tmpdir(), 'vippool-operate-'));
  return {
    options: { source: { kind: 'directory', path }, kubeconfig: undefined },
    newSource: () => new DirectorySource({ path, clock: realClock, random: realRandom }),
    apply: (name, spec) =>
      writeFile(
        join(path, `${name}.yaml`),
        stringify({ apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name }, spec }),
      ),
    dispose: () => rm(path, { recursive: true, force: true }),
  };
});

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

  operateContract('Kubernetes', async () => {
    if (!server || !author) throw new Error('no API server');
    const { kubeconfigPath: kubeconfig } = server;
    const writer = author;
    await writer.wipe();
    return {
      options: { source: { kind: 'kubernetes' }, kubeconfig },
      newSource: () =>
        new KubeSource({ cluster: new KubeconfigAccess({ path: kubeconfig }), clock: realClock, random: realRandom }),
      apply: (name, spec) => writer.apply(name, spec),
      dispose: () => Promise.resolve(),
    };
  });
});
