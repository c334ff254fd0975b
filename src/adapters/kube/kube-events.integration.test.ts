import { afterAll, beforeAll } from '@jest/globals';
import { eventSinkContract } from '../../testing/contract/event-sink.contract.ts';
import { KubeAuthor } from '../../testing/kube-author.ts';
import { kubeEventSink } from '../../testing/kube-event-sink.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../../testing/requirements.ts';
import { startEtcd, type EtcdServer } from '../../testing/servers/etcd.ts';
import { startKubeApiserver, type KubeApiserver } from '../../testing/servers/kube-apiserver.ts';

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

  eventSinkContract('Kubernetes', async () => {
    if (!server || !author) throw new Error('no API server');
    return kubeEventSink(author, server.kubeconfigPath);
  });
});
