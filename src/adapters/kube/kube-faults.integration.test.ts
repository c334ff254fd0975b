import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { nodeName, poolName } from '../../core/ids.ts';
import { KubeAuthor } from '../../testing/kube-author.ts';
import { realClock, realRandom } from '../../testing/real-time.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../../testing/requirements.ts';
import { startEtcd, type EtcdServer } from '../../testing/servers/etcd.ts';
import { startKubeApiserver, type KubeApiserver } from '../../testing/servers/kube-apiserver.ts';
import { SnapshotRecorder } from '../../testing/snapshot-recorder.ts';
import { TcpProxy } from '../../testing/tcp-proxy.ts';
import { KubeconfigAccess, type ClusterAccess } from './cluster-access.ts';
import { KubeSource } from './kube-source.ts';
import { FINALIZER } from './objects.ts';

const NAS = poolName('nas');
const WITHIN_MS = 90_000;
const spec = (address: string): unknown => ({ addresses: [address] });

describeWith(missingKubeApiserver(), 'Kubernetes source under faults', () => {
  let dir: string;
  let etcd: EtcdServer;
  let server: KubeApiserver;
  let author: KubeAuthor;
  let started: SnapshotRecorder[];

  const startServer = (port?: number): Promise<KubeApiserver> =>
    startKubeApiserver({
      binary: toolPath('kube-apiserver'),
      etcd: etcd.endpoint,
      dir,
      ...(port === undefined ? {} : { port }),
    });
  /** The administrator's access with changes. */
  const access = (change: { server?: string; user?: string } = {}): ClusterAccess => ({
    access: async () => ({
      server: change.server ?? server.url,
      headers: {
        authorization: `Bearer ${server.token}`,
        ...(change.user === undefined ? {} : { 'impersonate-user': change.user }),
      },
      tls: { ca: server.ca },
    }),
    forget: () => undefined,
  });
  const start = (cluster: ClusterAccess, watchSilenceMs = 90_000): SnapshotRecorder => {
    const source = new KubeSource({ cluster, clock: realClock, random: realRandom, watchSilenceMs });
    const recorder = new SnapshotRecorder(source).start();
    started.push(recorder);
    return recorder;
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'vippool-kube-faults-'));
    etcd = await startEtcd({ binary: etcdForKubeApiserver() });
    server = await startServer();
    author = new KubeAuthor(server);
    await author.installCrds();
  }, WITHIN_MS);

  afterAll(async () => {
    await author?.close();
    await server?.stop();
    await etcd?.stop();
    await rm(dir, { recursive: true, force: true });
  }, WITHIN_MS);

  beforeEach(async () => {
    started = [];
    await author.wipe();
  });

  afterEach(() => Promise.all(started.map((recorder) => recorder.source.stop())));

  test(
    'an API server that is killed is one fault, writes fail meanwhile, and its return goes unnoticed otherwise',
    async () => {
      await author.apply('nas', spec('192.0.2.10'));
      const recorder = start(new KubeconfigAccess({ path: server.kubeconfigPath }));
      await recorder.untilPool('nas');
      const { port } = server;
      await server.kill();
      expect(await recorder.untilFault()).toMatchObject({ code: 'Unavailable' });
      await expect(recorder.source.writePoolStatus(NAS, {})).rejects.toMatchObject({
        code: 'Unavailable',
        retryable: true,
      });
      expect(recorder.pool('nas')?.deleting).toBe(false);
      server = await startServer(port);
      await author.apply('nas', spec('192.0.2.11'));
      await recorder.until('the edit', ({ pools }) => JSON.stringify(pools).includes('192.0.2.11'), 30_000);
      expect(recorder.faults).toHaveLength(1);
      await recorder.source.writePoolStatus(NAS, { total: 1 });
      await recorder.untilPool('nas', ({ status }) => status?.total === 1);
    },
    WITHIN_MS,
  );

  test(
    'a dead path: the watch is resumed after its silence limit, one call fails in time and the next one works',
    async () => {
      const proxy = new TcpProxy(server.port);
      const url = `https://127.0.0.1:${await proxy.start()}`;
      const recorder = start(access({ server: url }), 2_000);
      await recorder.until('a snapshot', () => true);
      await recorder.source.writeNodeStatus(nodeName('node-a'), { phase: 'Healthy' });
      await recorder.until('the node', ({ nodes }) => nodes.length === 1);
      proxy.freeze();
      const frozenAt = performance.now();
      await author.apply('nas', spec('192.0.2.10'));
      await recorder.untilPool('nas');
      expect(performance.now() - frozenAt).toBeLessThan(2_000 + 3_000);
      await expect(recorder.source.writePoolStatus(NAS, { total: 1 })).rejects.toMatchObject({
        code: 'DeadlineExceeded',
      });
      await recorder.source.writePoolStatus(NAS, { total: 1 });
      await recorder.untilPool('nas', ({ status }) => status?.total === 1);
      expect(recorder.faults).toEqual([]);
      await recorder.source.stop();
      await proxy.stop();
    },
    WITHIN_MS,
  );

  test(
    'a missing permission is told with its verb and resource, for each of the resources',
    async () => {
      const recorder = start(access({ user: 'nobody' }));
      await recorder.untilFault(3);
      const messages = recorder.faults.map(({ message }) => message).join('\n');
      expect(recorder.faults[0]).toMatchObject({ code: 'PermissionDenied' });
      expect(messages).toContain('grant verb "list" on resource "vippools" of API group "vippool.io"');
      expect(messages).toContain('grant verb "list" on resource "nodehealths" of API group "vippool.io"');
      expect(messages).toContain('grant verb "list" on resource "viptasks" of API group "vippool.io"');
      await expect(recorder.source.writePoolStatus(NAS, {})).rejects.toThrow(
        'verb "patch" on resource "vippools/status"',
      );
      expect(recorder.snapshots).toEqual([]);
    },
    WITHIN_MS,
  );

  test(
    'CRDs that are not installed are one fault, and are waited for',
    async () => {
      await author.removeCrds();
      const recorder = start(access());
      expect((await recorder.untilFault()).message).toBe(
        'CRDs are not installed: install vippool in this cluster (helm install, see docs/install.md), or choose the cluster that has it (kubectl config use-context)',
      );
      await author.installCrds();
      await recorder.until('a snapshot', () => true, 30_000);
      expect(recorder.faults).toHaveLength(1);
    },
    WITHIN_MS,
  );

  test(
    'finalizers of others stay, and hold the pool until they are removed',
    async () => {
      await author.apply('nas', spec('192.0.2.10'));
      await author.patch('nas', { metadata: { finalizers: ['example.com/other'] } });
      const recorder = start(access());
      await recorder.untilPool('nas');
      await recorder.source.protect(NAS);
      expect((await author.metadata('nas')).finalizers).toEqual(['example.com/other', FINALIZER]);
      await author.remove('nas');
      await recorder.untilPool('nas', ({ deleting }) => deleting);
      await recorder.source.protect(NAS);
      await recorder.source.finalize(NAS);
      expect((await author.metadata('nas')).finalizers).toEqual(['example.com/other']);
      await author.patch('nas', { metadata: { finalizers: [] } });
      await recorder.until('no pool', ({ pools }) => pools.length === 0);
    },
    WITHIN_MS,
  );

  test(
    'protecting at the same time as others write loses nothing',
    async () => {
      await author.apply('nas', spec('192.0.2.10'));
      const recorders = [start(access()), start(access()), start(access())];
      await Promise.all(recorders.map((recorder) => recorder.untilPool('nas')));
      await Promise.all([
        ...recorders.map((recorder) => recorder.source.protect(NAS)),
        ...[1, 2, 3].map((value) => author.patch('nas', { metadata: { labels: { value: String(value) } } })),
        author.patch('nas', { metadata: { annotations: { note: 'kept' } } }),
      ]);
      const metadata = await author.metadata('nas');
      expect(metadata.finalizers).toEqual([FINALIZER]);
      expect(metadata).toMatchObject({ annotations: { note: 'kept' } });
    },
    WITHIN_MS,
  );

  test(
    'a status field that another manager took is taken back, and what it owns besides stays',
    async () => {
      await author.apply('nas', spec('192.0.2.10'));
      const recorder = start(access());
      await recorder.untilPool('nas');
      await recorder.source.writePoolStatus(NAS, { total: 1, assigned: 0 });
      const path = '/apis/vippool.io/v1alpha1/vippools/nas/status?fieldManager=rival&force=true';
      const rival = { apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name: 'nas' } };
      const status = { total: 99, master: 'rival' };
      expect((await author.call('PATCH', path, { ...rival, status }, 'application/apply-patch+yaml')).status).toBe(200);
      await recorder.untilPool('nas', (pool) => pool.status?.total === 99);
      await recorder.source.writePoolStatus(NAS, { total: 1, assigned: 1 });
      const pool = await recorder.untilPool('nas', (seen) => seen.status?.total === 1);
      expect(pool.status).toEqual({ total: 1, assigned: 1, master: 'rival' });
    },
    WITHIN_MS,
  );

  test(
    'starting a source writes nothing',
    async () => {
      await author.apply('nas', spec('192.0.2.10'));
      const before = await author.metadata('nas');
      const recorder = start(access());
      await recorder.untilPool('nas');
      await recorder.source.stop();
      expect(await author.metadata('nas')).toEqual(before);
    },
    WITHIN_MS,
  );
});
