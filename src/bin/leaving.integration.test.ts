import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControllerConfig } from '../config/options/controller.ts';
import { controllerId } from '../core/ids.ts';
import { KubeAuthor } from '../testing/kube-author.ts';
import { RecordedPorts } from '../testing/recorded-ports.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../testing/requirements.ts';
import { type EtcdServer, startEtcd } from '../testing/servers/etcd.ts';
import { type KubeApiserver, startKubeApiserver } from '../testing/servers/kube-apiserver.ts';
import { whoStaysWithoutUs } from './leaving.ts';

const SETS = '/apis/apps/v1/namespaces/default/statefulsets';
const CONTROLLERS = [0, 1, 2].map((number) => ({ id: controllerId(`vip-${number}`), address: `vip-${number}:7480` }));

describeWith(missingKubeApiserver(), 'the controller of a pod that is ended', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vippool-leaving-'));
  const ports = new RecordedPorts();
  let etcd: EtcdServer;
  let server: KubeApiserver;
  let author: KubeAuthor;

  beforeAll(async () => {
    etcd = await startEtcd({ binary: etcdForKubeApiserver() });
    server = await startKubeApiserver({ binary: toolPath('kube-apiserver'), etcd: etcd.endpoint, dir: directory });
    author = new KubeAuthor(server);
  }, 120_000);
  afterAll(async () => {
    await author.close();
    await server.stop();
    await etcd.stop();
    rmSync(directory, { recursive: true });
  }, 60_000);

  const stay = (id: string): ReturnType<typeof whoStaysWithoutUs> => {
    const statefulSet = { namespace: 'default', name: 'vip' };
    const config = { id: controllerId(id), statefulSet, kubeconfig: server.kubeconfigPath } as ControllerConfig;
    return whoStaysWithoutUs(config, CONTROLLERS, ports.log);
  };
  const scale = async (replicas: number): Promise<void> => {
    const labels = { app: 'vip' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'c' }] } };
    const spec = { replicas, serviceName: 'vip', selector: { matchLabels: labels }, template };
    await author.call('DELETE', `${SETS}/vip`);
    await author.call('POST', SETS, { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'vip' }, spec });
  };

  test('leaves where there shall be fewer of them, and tells who stays', async () => {
    expect(await stay('vip-2')).toBeUndefined();
    await scale(3);
    expect(await stay('vip-2')).toBeUndefined();
    await scale(1);
    expect(await stay('vip-2')).toEqual(CONTROLLERS.slice(0, 1));
    expect(await stay('vip-0')).toBeUndefined();
  });

  test('does not leave where all are ended, where it is no such pod, or where nobody can say', async () => {
    await scale(0);
    expect(await stay('vip-2')).toBeUndefined();
    expect(await stay('c1')).toBeUndefined();
    await server.stop();
    expect(await stay('vip-2')).toBeUndefined();
    expect(ports.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  }, 30_000);
});
