import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../src/adapters/kube/api-client.ts';
import { KubeconfigAccess } from '../../src/adapters/kube/cluster-access.ts';
import { KubeCertificateStore } from '../../src/adapters/kube/kube-certificate-store.ts';
import { KubeEtcdMembers } from '../../src/adapters/kube/kube-etcd-members.ts';
import { KubePoolProtection } from '../../src/adapters/kube/kube-pool-protection.ts';
import { KubeSource } from '../../src/adapters/kube/kube-source.ts';
import { KubeTokenReviewer } from '../../src/adapters/kube/kube-token-reviewer.ts';
import { FINALIZER } from '../../src/adapters/kube/objects.ts';
import { unprotect } from '../../src/app/operate/unprotect.ts';
import { moveEvents } from '../../src/core/object-event.ts';
import { eventSinkContract } from '../../src/testing/contract/event-sink.contract.ts';
import { sourceContract } from '../../src/testing/contract/source.contract.ts';
import { KubeAuthor } from '../../src/testing/kube-author.ts';
import { kubeEventSink } from '../../src/testing/kube-event-sink.ts';
import { realClock, realRandom } from '../../src/testing/real-time.ts';
import {
  describeWith,
  etcdForKubeApiserver,
  firstMissing,
  missingKubeApiserver,
  missingTool,
  toolPath,
} from '../../src/testing/requirements.ts';
import { type EtcdServer, startEtcd } from '../../src/testing/servers/etcd.ts';
import { type KubeApiserver, startKubeApiserver } from '../../src/testing/servers/kube-apiserver.ts';
import { REPOSITORY } from '../source/files.ts';
import { CASES } from './cases.ts';
import { CHART, type KubeManifest, objectsIn, renderChart, runHelm, WORKING } from './helm.ts';

const NAMESPACE = 'vippool-system';
const UNINSTALL = 'vippool-uninstall';
const CONTROLLER = `system:serviceaccount:${NAMESPACE}:vippool-controller`;

interface Role extends KubeManifest {
  readonly rules: readonly {
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

let folder: string;
let etcd: EtcdServer | undefined;
let server: KubeApiserver | undefined;
let author: KubeAuthor | undefined;

function render(values: object): string {
  const result = renderChart({ ...WORKING, ...values }, { namespace: NAMESPACE, skipHooks: true });
  if (result.kind === 'refused') throw new Error(result.message);
  return result.text;
}

/** @param as whom to be, in the place of the administrator */
function kubectl(args: readonly string[], input = '', as?: string): { code: number; out: string; err: string } {
  const base = ['--kubeconfig', server?.kubeconfigPath ?? '', '--namespace', NAMESPACE];
  const { status, stdout, stderr } = spawnSync(
    toolPath('kubectl'),
    [...base, ...(as === undefined ? [] : ['--as', as]), ...args],
    { input, encoding: 'utf8', maxBuffer: 64 << 20, timeout: 60_000 },
  );
  return { code: status ?? -1, out: stdout, err: stderr };
}

/** A kubeconfig of the administrator who acts as somebody else: the rights are those of that one alone. */
function kubeconfigAs(user: string): string {
  const config = JSON.parse(readFileSync(server?.kubeconfigPath ?? '', 'utf8')) as { users: { user: object }[] };
  const users = config.users.map((entry) => ({ ...entry, user: { ...entry.user, as: user } }));
  const path = join(folder, 'kubeconfig.json');
  writeFileSync(path, JSON.stringify({ ...config, users }));
  return path;
}

/** "patch vippools/status" for everything that somebody asked of our API group. */
function asked(user: string): string[] {
  const lines = readFileSync(join(folder, 'audit.log'), 'utf8').trim().split('\n');
  const events = lines.map(
    (line) =>
      JSON.parse(line) as {
        readonly verb: string;
        readonly impersonatedUser?: { readonly username: string };
        readonly objectRef?: { readonly apiGroup?: string; readonly resource: string; readonly subresource?: string };
      },
  );
  const own = events.filter(({ impersonatedUser }) => impersonatedUser?.username === user);
  return own.map(
    ({ verb, objectRef: { resource = '', subresource } = { resource: '' } }) =>
      `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`,
  );
}

/** Whether everything in `wanted` is in `live` as it was written, which is what GitOps tools compare. */
function drift(wanted: unknown, live: unknown, path: string): string[] {
  if (typeof wanted !== 'object' || wanted === null) {
    return wanted === live ? [] : [`${path}: ${JSON.stringify(wanted)} became ${JSON.stringify(live)}`];
  }
  if (typeof live !== 'object' || live === null) return [`${path}: ${JSON.stringify(wanted)} is not there`];
  if (Array.isArray(wanted) && wanted.length !== (live as unknown[]).length) return [`${path}: another length`];
  return Object.entries(wanted).flatMap(([key, value]) =>
    drift(value, (live as Record<string, unknown>)[key], `${path}.${key}`),
  );
}

const missing = firstMissing(missingTool('helm'), missingTool('kubectl'), missingKubeApiserver());

describeWith(missing, 'the chart on an API server', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vippool-chart-'));
    const policy = join(folder, 'policy.yaml');
    writeFileSync(
      policy,
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n',
    );
    etcd = await startEtcd({ binary: etcdForKubeApiserver() });
    server = await startKubeApiserver({
      binary: toolPath('kube-apiserver'),
      etcd: etcd.endpoint,
      extraArgs: [`--audit-policy-file=${policy}`, `--audit-log-path=${join(folder, 'audit.log')}`],
    });
    author = new KubeAuthor(server);
    expect(kubectl(['create', 'namespace', NAMESPACE])).toMatchObject({ code: 0 });
  }, 120_000);

  afterAll(async () => {
    await author?.close();
    await server?.stop();
    await etcd?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('is installed with the next step told, upgraded, rolled back and removed by Helm, but for its definitions', () => {
    const helm = (...args: readonly string[]): string => {
      const to = ['--kubeconfig', server?.kubeconfigPath ?? '', '--namespace', NAMESPACE];
      const { code, out, err } = runHelm([...args, ...to], JSON.stringify(WORKING));
      expect([code, err]).toEqual([0, '']);
      return out;
    };
    const notes = helm('install', 'vippool', CHART, '--values', '-');
    expect(notes).toContain('helm -n vippool-system test vippool');
    expect(notes).toContain('service interface(s) eth1');
    expect(notes).not.toContain('WARNING');
    expect(kubectl(['get', 'statefulset', 'vippool-controller'])).toMatchObject({ code: 0 });
    helm('upgrade', 'vippool', CHART, '--values', '-', '--set', 'agent.onStop=keep');
    const onStop = (): string =>
      kubectl(['get', 'daemonset', 'vippool-agent', '-o', 'yaml']).out.match(/--on-stop=\w+/)?.[0] ?? '';
    expect(onStop()).toBe('--on-stop=keep');
    helm('rollback', 'vippool');
    expect(onStop()).toBe('--on-stop=handover');
    expect(helm('upgrade', 'vippool', CHART, '--values', '-', '--set', 'tls.mode=none')).toContain(
      'WARNING: tls.mode is "none"',
    );
    helm('rollback', 'vippool');
    // No kubelet runs the Job of the uninstallation here.
    helm('uninstall', 'vippool', '--no-hooks');
    const kinds =
      'statefulset,daemonset,service,serviceaccount,networkpolicy,poddisruptionbudget,clusterrole,clusterrolebinding,' +
      'role,rolebinding,secret,configmap';
    const left = kubectl(['get', kinds, '-l', 'app.kubernetes.io/part-of=vippool', '-o', 'name']).out;
    expect(left).toBe('');
    expect(kubectl(['get', 'crd', '-o', 'name']).out.trim().split('\n')).toEqual([
      'customresourcedefinition.apiextensions.k8s.io/nodehealths.vippool.io',
      'customresourcedefinition.apiextensions.k8s.io/vippools.vippool.io',
      'customresourcedefinition.apiextensions.k8s.io/viptasks.vippool.io',
    ]);
  }, 120_000);

  it('is applied by kubectl', () => {
    expect(kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], render({}))).toMatchObject({ code: 0 });
    expect(kubectl(['wait', '--for=condition=Established', 'crd', '--all'])).toMatchObject({ code: 0 });
  }, 60_000);

  it.each(['defaults', 'one controller, etcd in memory', 'pod network, policies with subnets'])(
    'is kept by the server as it was written, so that nobody sees drift: %s',
    (name) => {
      const text = render(CASES[name] ?? {});
      // The volumes of a StatefulSet cannot be changed.
      kubectl(['delete', 'statefulset', '--all', '--wait=false']);
      const { code, out, err } = kubectl(
        ['apply', '--server-side', '--force-conflicts', '-f', '-', '-o', 'json'],
        text,
      );
      expect([code, err]).toEqual([0, '']);
      const live = (JSON.parse(out) as { items: KubeManifest[] }).items;
      const found = objectsIn(text).flatMap((wanted) => {
        const same = live.find(({ kind, metadata }) => kind === wanted.kind && metadata.name === wanted.metadata.name);
        return drift(wanted, same, `${wanted.kind} ${wanted.metadata.name}`);
      });
      expect(found).toEqual([]);
      expect(kubectl(['diff', '--server-side', '--force-conflicts', '-f', '-'], text)).toEqual({
        code: 0,
        out: '',
        err: '',
      });
    },
    60_000,
  );

  it('is changed by Kustomize without touching a line of it, in a namespace that lets agents in', () => {
    const { code, out } = kubectl(['kustomize', join(REPOSITORY, 'examples/kustomize')]);
    expect([code, out]).toEqual([0, expect.stringContaining('value: bond0,eth1')]);
    expect(out).toContain('image: registry.example.com/vippool:0.1.0');
    expect(out).toContain('pod-security.kubernetes.io/enforce: privileged');
    const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-f', '-'];
    kubectl(['delete', 'statefulset', '--all', '--wait=false']);
    expect(kubectl(args, out)).toMatchObject({ code: 0, err: '' });
  });

  describe('with the rights of a controller', () => {
    sourceContract('Kubernetes', async () => {
      if (!author) throw new Error('no API server');
      const writer = author;
      await writer.wipe();
      const path = kubeconfigAs(CONTROLLER);
      return {
        countsNodeEdits: true,
        newSource: () =>
          new KubeSource({
            cluster: new KubeconfigAccess({ path }),
            clock: realClock,
            random: realRandom,
            hostLabels: true,
          }),
        apply: (name, spec) => writer.apply(name, spec),
        applyNode: (name, spec) => writer.applyNode(name, spec),
        applyTask: (name, spec) => writer.applyTask(name, spec),
        deleteTask: (name) => writer.deleteTask(name),
        remove: (name) => writer.remove(name),
        dispose: () => Promise.resolve(),
      };
    });

    eventSinkContract('Kubernetes', async () => {
      if (!author) throw new Error('no API server');
      return kubeEventSink(author, kubeconfigAs(CONTROLLER));
    });

    it('tells events that kubectl describes a pool and its nodes with', async () => {
      if (!author) throw new Error('no API server');
      const harness = await kubeEventSink(author, kubeconfigAs(CONTROLLER));
      const told = moveEvents('nas', [
        { time: '', address: '192.0.2.10', from: 'node-a', to: 'node-b', reason: 'NodeLost' },
      ]);
      for (let times = 0; times < 3; times++) for (const event of told) await harness.sink.record(event);
      await harness.dispose();
      for (const object of ['vippool/nas', 'nodehealth/node-a']) {
        const { code, out } = kubectl(['describe', object]);
        expect([code, out]).toEqual([
          0,
          expect.stringMatching(/Warning +NodeLost .*192\.0\.2\.10 from node-a to node-b/),
        ]);
      }
    }, 60_000);

    it('uses each of them and no other', () => {
      const role = objectsIn(render({})).find(
        ({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'vippool-controller',
      ) as Role;
      const granted = role.rules.flatMap(({ resources, verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
      );
      // A server-side apply of what is not there is a patch in the log, and needs the right to create.
      // A node and a task are read only after somebody else wrote their status at the same time.
      const used = new Set([...asked(CONTROLLER), 'create nodehealths', 'get nodehealths', 'get viptasks']);
      expect([...used].sort()).toEqual(granted.sort());
    });
  });

  describe('with the rights of a controller to certificates', () => {
    const kept = ['authority', 'trust', 'etcd'] as const;
    let api: ApiClient;
    let store: KubeCertificateStore;
    beforeAll(() => {
      api = new ApiClient(new KubeconfigAccess({ path: kubeconfigAs(CONTROLLER) }));
      store = new KubeCertificateStore({
        api,
        namespace: NAMESPACE,
        authority: 'vippool-authority',
        etcd: 'vippool-etcd-tls',
      });
    });
    afterAll(() => api.close());

    it.each(kept)('%s: is read, written, and made anew where somebody has deleted it', async (what) => {
      const kind = what === 'trust' ? 'configmap' : 'secret';
      const name = what === 'etcd' ? 'vippool-etcd-tls' : 'vippool-authority';
      for (let life = 0; life < 2; life++) {
        const { texts, version } = await store.read(what);
        expect([texts, await store.write(what, { 'ca.crt': 'text' }, version)]).toEqual([{}, true]);
        expect(kubectl(['delete', kind, name])).toMatchObject({ code: 0 });
      }
    });

    it('what is kept survives an upgrade, and nobody sees drift', async () => {
      for (const what of kept) await store.write(what, { 'ca.crt': 'text' }, (await store.read(what)).version);
      expect(kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], render({}))).toMatchObject({
        code: 0,
      });
      for (const what of kept) expect((await store.read(what)).texts).toEqual({ 'ca.crt': 'text' });
      const diff = kubectl(['diff', '--server-side', '--force-conflicts', '-f', '-'], render({}));
      expect(diff).toEqual({ code: 0, out: '', err: '' });
    }, 60_000);

    it('tokens are reviewed, etcd is looked at and started anew', async () => {
      const review = await new KubeTokenReviewer(api).review('none');
      expect(review.isAuthenticated).toBe(false);
      const members = new KubeEtcdMembers(api, NAMESPACE, ['vippool-etcd-0', 'vippool-etcd-2']);
      expect([...(await members.startedAt()).values()]).toEqual([undefined, undefined]);
      expect(await members.restart('vippool-etcd-2')).toBe(false);
    });

    it('no other object can be seen or changed', async () => {
      const other = new KubeCertificateStore({ api, namespace: NAMESPACE, authority: 'other', etcd: 'other' });
      for (const what of kept) await expect(other.read(what)).rejects.toMatchObject({ code: 'PermissionDenied' });
      expect(kubectl(['create', 'secret', 'generic', 'other'], '', CONTROLLER).code).not.toBe(0);
      for (const verb of ['list', 'watch', 'delete', 'update', 'deletecollection']) {
        for (const resource of ['secrets', 'configmaps', 'pods']) {
          expect([verb, resource, kubectl(['auth', 'can-i', verb, resource, '--quiet'], '', CONTROLLER).code]).toEqual([
            verb,
            resource,
            1,
          ]);
        }
      }
      const members = new KubeEtcdMembers(api, NAMESPACE, ['another-pod']);
      await expect(members.restart('another-pod')).rejects.toMatchObject({ code: 'PermissionDenied' });
    }, 60_000);

    it('agents may do nothing at all', () => {
      const agent = `system:serviceaccount:${NAMESPACE}:vippool-agent`;
      for (const resource of ['secrets', 'configmaps', 'pods', 'nodes', 'vippools.vippool.io']) {
        expect([resource, kubectl(['auth', 'can-i', 'get', resource, '--quiet'], '', agent).code]).toEqual([
          resource,
          1,
        ]);
      }
    });
  });

  it('is uninstalled with rights on pools of which each is used, and no other', async () => {
    if (!author) throw new Error('no API server');
    const result = renderChart(WORKING, { namespace: NAMESPACE });
    const hooks = result.kind === 'rendered' ? objectsIn(result.text) : [];
    const needed = hooks.filter(({ kind, metadata }) => metadata.name === UNINSTALL && kind !== 'Job');
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: needed });
    expect(kubectl(['apply', '--server-side', '-f', '-'], list)).toMatchObject({ code: 0, err: '' });
    await author.wipe();
    for (const name of ['going', 'staying']) {
      await author.apply(name, { addresses: ['192.0.2.1'] });
      await author.patch(name, { metadata: { finalizers: [FINALIZER] } });
    }
    await author.remove('going');
    const user = `system:serviceaccount:${NAMESPACE}:${UNINSTALL}`;
    const cluster = new KubeconfigAccess({ path: kubeconfigAs(user) });
    const protection = new KubePoolProtection({ cluster, namespace: NAMESPACE });
    expect(await unprotect(protection, realClock, 5_000)).toMatchObject({ kind: 'tried', failed: [] });
    expect(await protection.protectedPools()).toEqual([]);
    await protection.close();
    expect(kubectl(['get', 'vippools', '-o', 'name']).out).toBe('vippool.vippool.io/staying\n');
    const granted = (needed as Partial<Role>[]).flatMap(({ rules = [] }) =>
      rules.flatMap(({ resources, verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
      ),
    );
    expect([...new Set(asked(user))].sort()).toEqual(granted.sort());
  }, 60_000);

  describe.each([
    { role: 'view', may: ['get', 'list', 'watch'] },
    { role: 'edit', may: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] },
  ])('a user who is bound to the role vippool-$role', ({ role, may }) => {
    const user = `${role}er`;
    const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
    const allowed = (resource: string, ...more: readonly string[]): string[] =>
      verbs.filter((verb) => kubectl(['auth', 'can-i', verb, resource, '--quiet', ...more], '', user).code === 0);

    it('may do that to pools and nodes, and nothing else', () => {
      for (const kind of role === 'edit' ? ['view', 'edit'] : ['view']) {
        const name = `${user}-${kind}`;
        const args = ['create', 'clusterrolebinding', name, `--clusterrole=vippool-${kind}`, `--user=${user}`];
        expect(kubectl(args)).toMatchObject({ code: 0 });
      }
      expect(allowed('vippools.vippool.io')).toEqual(may);
      expect(allowed('nodehealths.vippool.io')).toEqual(may);
      expect(allowed('viptasks.vippool.io')).toEqual(may);
      expect(allowed('vippools.vippool.io', '--subresource=status')).toEqual([]);
      for (const other of ['secrets', 'nodes', 'pods']) {
        expect([other, allowed(other)]).toEqual([other, []]);
      }
    }, 60_000);
  });
});
