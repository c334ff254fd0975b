import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { DirectorySource } from '../adapters/directory/directory-source.ts';
import { KubeconfigAccess } from '../adapters/kube/cluster-access.ts';
import { KubeSource } from '../adapters/kube/kube-source.ts';
import { nodeName, vipAddress } from '../core/ids.ts';
import { operateContract } from '../testing/contract/operate.contract.ts';
import { KubeAuthor } from '../testing/kube-author.ts';
import { realClock, realRandom } from '../testing/real-time.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../testing/requirements.ts';
import { startEtcd, type EtcdServer } from '../testing/servers/etcd.ts';
import { startKubeApiserver, type KubeApiserver } from '../testing/servers/kube-apiserver.ts';
import { runDrain, runMove } from './operate.ts';
import { runStatus } from './status.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

operateContract('a directory', async () => {
  const path = await mkdtemp(join(tmpdir(), 'vippool-operate-'));
  const write = (file: string, kind: string, name: string, spec: unknown): Promise<void> =>
    writeFile(join(path, file), stringify({ apiVersion: 'vippool.io/v1alpha1', kind, metadata: { name }, spec }));
  return {
    options: { source: { kind: 'directory', path }, kubeconfig: undefined },
    newSource: () => new DirectorySource({ path, clock: realClock, random: realRandom }),
    apply: (name, spec) => write(`${name}.yaml`, 'VipPool', name, spec),
    applyNode: (name, spec) => write(`nodehealth-${name}.yaml`, 'NodeHealth', name, spec),
    dispose: () => rm(path, { recursive: true, force: true }),
  };
});

describeWith(missingKubeApiserver(), 'on a real API server', () => {
  let etcd: EtcdServer | undefined;
  let server: KubeApiserver | undefined;
  let author: KubeAuthor | undefined;
  let directory: string;

  /** The administrator's access, with the rights of one of the example's roles. */
  const kubeconfigAs = (role: string): string => join(directory, `${role}.yaml`);

  async function grantRoles(by: KubeAuthor, kubeconfig: string): Promise<void> {
    const text = await readFile(join(import.meta.dirname, '../../examples/kubernetes/rbac.yaml'), 'utf8');
    const admin = parse(await readFile(kubeconfig, 'utf8')) as { readonly users: readonly { readonly user: object }[] };
    for (const document of parseAllDocuments(text)) {
      const role = document.toJS() as { readonly metadata: { readonly name: string } };
      const { name } = role.metadata;
      const kind = { apiVersion: 'rbac.authorization.k8s.io/v1' };
      const made = await by.call('POST', `${RBAC}/clusterroles`, role);
      const bound = await by.call('POST', `${RBAC}/clusterrolebindings`, {
        ...kind,
        kind: 'ClusterRoleBinding',
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
      });
      expect([made.status, bound.status]).toEqual([201, 201]);
      const users = admin.users.map((item) => ({ ...item, user: { ...item.user, as: name } }));
      await writeFile(kubeconfigAs(name), JSON.stringify({ ...admin, users }), { mode: 0o600 });
    }
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vippool-roles-'));
    etcd = await startEtcd({ binary: etcdForKubeApiserver() });
    server = await startKubeApiserver({ binary: toolPath('kube-apiserver'), etcd: etcd.endpoint });
    author = new KubeAuthor(server);
    await author.installCrds();
    await grantRoles(author, server.kubeconfigPath);
  }, 120_000);

  afterAll(async () => {
    await author?.close();
    await server?.stop();
    await etcd?.stop();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  test('who lacks a right is told which one, and who has no cluster is told so', async () => {
    if (!author) throw new Error('no API server');
    await author.apply('nas', { addresses: ['192.0.2.1'] });
    await author.applyNode('node-a', {});
    const viewer = kubeconfigAs('vippool-view');
    const common = { source: { kind: 'kubernetes' }, kubeconfig: viewer, output: 'table', timeoutMs: 5_000 } as const;
    const task = { ...common, dryRun: false, noWait: false };
    const [address, node] = [vipAddress('192.0.2.1'), nodeName('node-a')];
    expect(await runMove({ ...task, address, node })).toMatchObject({
      exitCode: 1,
      errors: expect.stringContaining('grant verb "create" on resource "viptasks" of API group "vippool.io"'),
    });
    expect(await runDrain({ ...task, node })).toMatchObject({
      exitCode: 1,
      errors: expect.stringContaining('grant verb "patch" on resource "nodehealths"'),
    });
    expect((await runStatus(common)).exitCode).toBe(0);
    const nobody = { ...common, kubeconfig: join(directory, 'none.yaml') };
    expect(await runStatus(nobody)).toMatchObject({ exitCode: 3, errors: expect.stringContaining('none.yaml') });
  }, 60_000);

  operateContract('Kubernetes, each with no more rights than it needs', async () => {
    if (!author) throw new Error('no API server');
    const writer = author;
    await writer.wipe();
    const cluster = new KubeconfigAccess({ path: kubeconfigAs('vippool-controller') });
    return {
      options: { source: { kind: 'kubernetes' }, kubeconfig: kubeconfigAs('vippool-operator') },
      newSource: () => new KubeSource({ cluster, clock: realClock, random: realRandom }),
      apply: (name, spec) => writer.apply(name, spec),
      applyNode: (name, spec) => writer.applyNode(name, spec),
      dispose: () => Promise.resolve(),
    };
  });
});
