import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { KubeconfigAccess } from '../adapters/kube/cluster-access.ts';
import { KubeSource } from '../adapters/kube/kube-source.ts';
import type { DiagnoseConfig } from '../config/options/diagnose.ts';
import { TestAuthority } from '../testing/certificates.ts';
import { KubeAuthor } from '../testing/kube-author.ts';
import { realClock, realRandom } from '../testing/real-time.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../testing/requirements.ts';
import { startEtcd, type EtcdServer } from '../testing/servers/etcd.ts';
import { startKubeApiserver, type KubeApiserver } from '../testing/servers/kube-apiserver.ts';
import { runDiagnose } from './diagnose.ts';

const POOL =
  '{ apiVersion: vippool.io/v1alpha1, kind: VipPool, metadata: { name: nas }, spec: { addresses: [192.0.2.1] } }';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vippool-diagnose-'));
  file = join(directory, 'report.tar.gz');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const configOf = (config: Pick<DiagnoseConfig, 'source' | 'kubeconfig'>): DiagnoseConfig => ({
  namespace: undefined,
  sinceMs: 3_600_000,
  ask: undefined,
  logs: undefined,
  timeoutMs: 60_000,
  file,
  ...config,
});

const tar = (...words: readonly string[]): string => execFileSync('tar', words, { encoding: 'utf8' });
const contents = (): string[] =>
  tar('-tzf', file)
    .trim()
    .split('\n')
    .map((path) => path.replace('vippool-diagnose/', ''));
const read = (path: string): string => tar('-xzOf', file, `vippool-diagnose/${path}`);

test('of a directory', async () => {
  const manifests = join(directory, 'manifests');
  await rm(manifests, { recursive: true, force: true });
  execFileSync('mkdir', [manifests]);
  await writeFile(join(manifests, 'nas.yaml'), POOL);
  await writeFile(join(manifests, 'secret.yaml'), '{ apiVersion: v1, kind: Secret, data: { key: aGlkZGVu } }');
  const log = join(directory, 'agent.log');
  await writeFile(log, 'PGPASSWORD=hidden\n');
  const config = {
    ...configOf({ source: { kind: 'directory', path: manifests }, kubeconfig: undefined }),
    logs: [log],
  };
  expect(await runDiagnose(config)).toMatchObject({ exitCode: 0, output: expect.stringContaining(file) });
  expect(contents()).toEqual([
    'README.txt',
    'status.txt',
    'status.json',
    'history.txt',
    'resources/vippools.yaml',
    'resources/nodehealths.yaml',
    'resources/viptasks.yaml',
    'logs/1-agent.log',
    'summary.txt',
  ]);
  expect(read('summary.txt')).toContain('pool nas: nothing was ever written about it');
  expect(read('resources/vippools.yaml')).toContain('192.0.2.1');
  for (const path of contents()) expect(read(path)).not.toMatch(/hidden|aGlkZGVu/);
});

test('where there is nothing, no archive is left', async () => {
  const config = configOf({ source: { kind: 'directory', path: join(directory, 'none') }, kubeconfig: undefined });
  expect(await runDiagnose(config)).toEqual({
    exitCode: 3,
    output: '',
    errors: `vippool: pools, nodes and tasks: the directory ${join(directory, 'none')} does not exist\n`,
  });
  expect(await readdir(directory)).toEqual([]);
});

describeWith(missingKubeApiserver(), 'of a real API server', () => {
  let etcd: EtcdServer | undefined;
  let server: KubeApiserver | undefined;
  let author: KubeAuthor | undefined;
  let kubelet: Server | undefined;
  /** What the kubelet was asked for. */
  const asked: string[] = [];

  /** A node whose kubelet has logs and nothing else. */
  async function addNode(name: string): Promise<void> {
    const { certificate: cert, privateKey: key } = await (await TestAuthority.create()).server();
    kubelet = createServer({ cert, key }, (request, response) => {
      const url = new URL(request.url ?? '', 'https://kubelet');
      asked.push(`${url.pathname} ${[...url.searchParams.keys()].sort().join(' ')}`);
      response.end(`{"message":"${url.searchParams.has('previous') ? 'before' : 'now'}","password":"hidden"}`);
    }).listen(0, '127.0.0.1');
    await once(kubelet, 'listening');
    const address = kubelet.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const status = {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: address.port } },
    };
    await created('/api/v1/nodes', { metadata: { name }, status });
  }

  const created = async (path: string, body: object): Promise<void> => {
    const answer = await author?.call('POST', path, body);
    expect(answer).toMatchObject({ status: 201 });
  };

  /** Kubeconfig of somebody who has this role. */
  async function kubeconfigAs(user: string, rules: readonly object[]): Promise<string> {
    const group = '/apis/rbac.authorization.k8s.io/v1';
    const api = { apiVersion: 'rbac.authorization.k8s.io/v1' };
    await created(`${group}/clusterroles`, { ...api, kind: 'ClusterRole', metadata: { name: user }, rules });
    await created(`${group}/clusterrolebindings`, {
      ...api,
      kind: 'ClusterRoleBinding',
      metadata: { name: user },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    });
    const text = await readFile(server?.kubeconfigPath ?? '', 'utf8');
    const admin = JSON.parse(text) as { readonly users: readonly { readonly user: object }[] };
    const users = admin.users.map((item) => ({ ...item, user: { ...item.user, as: user } }));
    const path = join(directory, `${user}.json`);
    await writeFile(path, JSON.stringify({ ...admin, users }), { mode: 0o600 });
    return path;
  }

  beforeAll(async () => {
    etcd = await startEtcd({ binary: etcdForKubeApiserver() });
    server = await startKubeApiserver({ binary: toolPath('kube-apiserver'), etcd: etcd.endpoint });
    author = new KubeAuthor(server);
    await author.installCrds();
    await author.apply('nas', { addresses: ['192.0.2.1'] });
    await author.applyNode('node-a', {});
    const cluster = new KubeconfigAccess({ path: server.kubeconfigPath });
    const source = new KubeSource({ cluster, clock: realClock, random: realRandom });
    await source.events.record({
      about: { kind: 'VipPool', name: 'nas' },
      type: 'Warning',
      reason: 'NodeLost',
      action: 'Place',
      note: 'told by the controller',
    });
    await source.stop();
    const labels = { 'app.kubernetes.io/part-of': 'vippool', app: 'agent' };
    const container = {
      name: 'agent',
      image: 'vippool:0.1.0',
      env: [{ name: 'DB_PASSWORD', value: 'hidden' }],
      ports: [{ name: 'metrics', containerPort: 7_483 }],
    };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    await created('/api/v1/namespaces', { metadata: { name: 'vip' } });
    await created('/api/v1/namespaces/vip/secrets', { metadata: { name: 's', labels }, stringData: { key: 'hidden' } });
    await created('/apis/apps/v1/namespaces/vip/daemonsets', {
      metadata: {
        name: 'agent',
        labels,
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'hidden' },
      },
      spec: { selector: { matchLabels: { app: 'agent' } }, template },
    });
    await addNode('node-a');
    await created('/api/v1/namespaces/vip/pods', {
      metadata: { name: 'agent-x', labels },
      spec: { ...template.spec, nodeName: 'node-a' },
    });
    const containerStatuses = [
      { name: 'agent', image: '', imageID: '', ready: true, restartCount: 1, state: { running: {} } },
    ];
    const status = { phase: 'Running', containerStatuses };
    const path = '/api/v1/namespaces/vip/pods/agent-x/status';
    await author.call('PATCH', path, { status }, 'application/merge-patch+json');
    await created('/api/v1/namespaces/vip/pods', { metadata: { name: 'other' }, spec: template.spec });
  }, 120_000);

  afterAll(async () => {
    kubelet?.close();
    kubelet?.closeAllConnections();
    await author?.close();
    await server?.stop();
    await etcd?.stop();
  }, 60_000);

  test('all that there is, without secrets', async () => {
    const kubeconfig = server?.kubeconfigPath;
    const { exitCode, output } = await runDiagnose(configOf({ source: { kind: 'kubernetes' }, kubeconfig }));
    expect(exitCode).toBe(0);
    expect(contents()).toEqual([
      'README.txt',
      'resources/vippools.yaml',
      'resources/nodehealths.yaml',
      'resources/viptasks.yaml',
      'status.txt',
      'status.json',
      'history.txt',
      'resources/events.yaml',
      'kubernetes/customresourcedefinitions.yaml',
      'kubernetes/daemonsets.yaml',
      'kubernetes/statefulsets.yaml',
      'kubernetes/pods.yaml',
      'pods/vip/agent-x/agent.log',
      'pods/vip/agent-x/agent.previous.log',
      'summary.txt',
    ]);
    expect(read('resources/events.yaml')).toContain('told by the controller');
    expect(read('kubernetes/pods.yaml')).toContain('value: <removed>');
    expect(read('kubernetes/pods.yaml')).not.toContain('name: other');
    expect(read('summary.txt')).toMatch(
      /Kubernetes: v1\.[\s\S]*DaemonSet vip\/agent: vippool:0.1.0[\s\S]*pod vip\/agent-x: container agent was restarted once/,
    );
    expect(output).toContain('/readyz of vip/agent-x');
    expect(asked).toEqual([
      '/containerLogs/vip/agent-x/agent limitBytes sinceSeconds tailLines',
      '/containerLogs/vip/agent-x/agent limitBytes previous tailLines',
    ]);
    expect(read('pods/vip/agent-x/agent.log')).toBe('{"message":"now","password":"<removed>"}');
    expect(read('pods/vip/agent-x/agent.previous.log')).toContain('before');
    for (const path of contents()) expect(read(path)).not.toContain('hidden');
  }, 60_000);

  test('who may see only pools gets those, and is told what else there may be', async () => {
    const rules = [{ apiGroups: ['vippool.io'], resources: ['vippools'], verbs: ['list'] }];
    const kubeconfig = await kubeconfigAs('viewer', rules);
    const { exitCode, output } = await runDiagnose(configOf({ source: { kind: 'kubernetes' }, kubeconfig }));
    expect([exitCode, contents().includes('resources/vippools.yaml')]).toEqual([0, true]);
    expect(read('status.txt')).toContain('nas');
    for (const what of ['nodehealths.vippool.io', 'events.events.k8s.io in namespace default', 'pods', 'daemonsets']) {
      expect(output).toContain(`not allowed to list ${what}: `);
      expect(read('summary.txt')).toContain(`not allowed to list ${what}: `);
    }
  }, 60_000);

  test('who may see nothing gets nothing but the reasons', async () => {
    const kubeconfig = await kubeconfigAs('nobody', []);
    const { exitCode, errors } = await runDiagnose(configOf({ source: { kind: 'kubernetes' }, kubeconfig }));
    expect([exitCode, await readdir(directory)]).toEqual([3, ['nobody.json']]);
    expect(errors).toContain('vippool: vippools.vippool.io: not allowed to list vippools.vippool.io: ');
  }, 60_000);
});
