import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sourceContract } from '../../testing/contract/source.contract.ts';
import { KubeAuthor } from '../../testing/kube-author.ts';
import { realClock, realRandom } from '../../testing/real-time.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../../testing/requirements.ts';
import { startEtcd, type EtcdServer } from '../../testing/servers/etcd.ts';
import { startKubeApiserver, type KubeApiserver } from '../../testing/servers/kube-apiserver.ts';
import { KubeconfigAccess } from './cluster-access.ts';
import { ApiClient } from './api-client.ts';
import { KubeSource } from './kube-source.ts';
import { VIP_TASKS } from './objects.ts';
import { ObjectWriter } from './object-writer.ts';

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

  it('a status for a task that has gone is not taken by a new one of its name, whatever its writer has seen', async () => {
    if (!server || !author) throw new Error('no API server');
    const api = new ApiClient(new KubeconfigAccess({ path: server.kubeconfigPath }));
    const writer = new ObjectWriter(api);
    const task = { action: 'Failback' };
    await author.wipe();
    await author.applyTask('t', task);
    const old = await writer.read(VIP_TASKS, 't');
    await author.deleteTask('t');
    if (!old) throw new Error('no task');
    await writer.applyStatusTo(VIP_TASKS, old, { phase: 'Failed' });
    await author.applyTask('t', task);
    await writer.applyStatusTo(VIP_TASKS, old, { phase: 'Failed' });
    const next = await writer.read(VIP_TASKS, 't');
    if (!next) throw new Error('no task');
    expect(next.status).toBeUndefined();
    for (const phase of ['Running', 'Succeeded']) await writer.applyStatusTo(VIP_TASKS, next, { phase });
    expect((await writer.read(VIP_TASKS, 't'))?.status).toEqual({ phase: 'Succeeded' });
    await api.close();
  }, 60_000);
});
