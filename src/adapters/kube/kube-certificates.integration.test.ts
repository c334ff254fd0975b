import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeOfToken, type TokenVerdict } from '../../core/certificates/token-review.ts';
import { AgentTokens, resigned } from '../../testing/agent-tokens.ts';
import { KubeAuthor } from '../../testing/kube-author.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../../testing/requirements.ts';
import { type EtcdServer, startEtcd } from '../../testing/servers/etcd.ts';
import { type KubeApiserver, startKubeApiserver } from '../../testing/servers/kube-apiserver.ts';
import { ApiClient } from './api-client.ts';
import { KubeconfigAccess } from './cluster-access.ts';
import { KubeCertificateStore, ROTATE_ANNOTATION } from './kube-certificate-store.ts';
import { KubeEtcdMembers } from './kube-etcd-members.ts';
import { KubeTokenReviewer } from './kube-token-reviewer.ts';

const NAMESPACE = 'vippool-system';
const OBJECTS = `/api/v1/namespaces/${NAMESPACE}`;

describeWith(missingKubeApiserver(), 'certificates in an API server', () => {
  let directory: string;
  let etcd: EtcdServer;
  let server: KubeApiserver;
  let author: KubeAuthor;
  let tokens: AgentTokens;
  let api: ApiClient;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'vippool-certificates-'));
    etcd = await startEtcd({ binary: etcdForKubeApiserver() });
    server = await startKubeApiserver({ binary: toolPath('kube-apiserver'), etcd: etcd.endpoint, dir: directory });
    author = new KubeAuthor(server);
    tokens = new AgentTokens(author, NAMESPACE);
    await tokens.prepare();
    api = new ApiClient(new KubeconfigAccess({ path: server.kubeconfigPath }));
  }, 120_000);
  afterAll(async () => {
    await api.close();
    await author.close();
    await server.stop();
    await etcd.stop();
    rmSync(directory, { recursive: true });
  }, 60_000);

  describe('what is kept', () => {
    let store: KubeCertificateStore;
    beforeEach(async () => {
      for (const path of ['secrets/ca', 'configmaps/ca', 'secrets/etcd'])
        await author.call('DELETE', `${OBJECTS}/${path}`);
      store = new KubeCertificateStore({ api, namespace: NAMESPACE, authority: 'ca', etcd: 'etcd' });
    });

    test.each(['authority', 'trust', 'etcd'] as const)('%s: is made empty, written, and read back', async (what) => {
      const empty = await store.read(what);
      expect(empty).toMatchObject({ texts: {}, isAsked: false });
      expect(await store.write(what, { 'ca.crt': 'text\n' }, empty.version)).toBe(true);
      expect((await store.read(what)).texts).toEqual({ 'ca.crt': 'text\n' });
    });

    test('is written by whoever was first', async () => {
      const { version } = await store.read('authority');
      const answers = await Promise.all(['a', 'b', 'c'].map((text) => store.write('authority', { text }, version)));
      expect(answers.filter((isWritten) => isWritten)).toHaveLength(1);
      expect(await store.write('authority', { text: 'late' }, version)).toBe(false);
    });

    test('is not written where it is gone', async () => {
      const { version } = await store.read('authority');
      await author.call('DELETE', `${OBJECTS}/secrets/ca`);
      expect(await store.write('authority', { text: 'late' }, version)).toBe(false);
    });

    test('tells that somebody wants another authority, once', async () => {
      await store.read('authority');
      const annotations = { [ROTATE_ANNOTATION]: '' };
      await author.call(
        'PATCH',
        `${OBJECTS}/secrets/ca`,
        { metadata: { annotations } },
        'application/merge-patch+json',
      );
      const asked = await store.read('authority');
      expect(asked.isAsked).toBe(true);
      await store.write('authority', {}, asked.version);
      expect((await store.read('authority')).isAsked).toBe(false);
    });
  });

  describe('a token', () => {
    const verdictOf = async (token: string): Promise<TokenVerdict> =>
      nodeOfToken(await new KubeTokenReviewer(api).review(token), { namespace: NAMESPACE, name: tokens.account });
    const refusedWith = (detail: RegExp): object => ({ ok: false, detail: expect.stringMatching(detail) });

    test('of an agent is one of its node, and another one each time', async () => {
      const [one, two] = [
        await verdictOf(await tokens.token('worker-1')),
        await verdictOf(await tokens.token('worker-1')),
      ];
      expect([one, two]).toMatchObject([
        { ok: true, node: 'worker-1', credential: expect.stringMatching(/./) },
        { ok: true, node: 'worker-1' },
      ]);
      expect(one).not.toEqual(two);
    });

    test('opens nothing in the API server', async () => {
      const response = await api.call({ method: 'GET', path: '/version' });
      expect(response.status).toBe(200);
      const stranger = new KubeAuthor({ ...server, token: await tokens.token('worker-1') });
      expect((await stranger.call('GET', '/api/v1/namespaces')).status).toBe(401);
      await stranger.close();
    });

    test('for another audience is refused', async () => {
      const token = await tokens.token('worker-1', { audience: 'https://kubernetes.default.svc' });
      expect(await verdictOf(token)).toEqual(refusedWith(/does not accept|audience/));
    });

    test('of another account is refused', async () => {
      expect(await verdictOf(await tokens.token('worker-1', { account: 'another' }))).toEqual(refusedWith(/another/));
    });

    test('of no pod is refused', async () => {
      expect(await verdictOf(await tokens.token('worker-1', { isBound: false }))).toEqual(refusedWith(/no pod/));
    });

    test('of a pod that is gone is refused', async () => {
      const token = await tokens.token('worker-1');
      await tokens.deletePod();
      expect(await verdictOf(token)).toEqual(refusedWith(/does not accept/));
    });

    test('that has expired, or that somebody changed, is refused', async () => {
      const token = await tokens.token('worker-1');
      const key = readFileSync(join(directory, 'service-account.key'), 'utf8');
      const past = Math.floor(Date.now() / 1_000) - 3_600;
      expect((await verdictOf(resigned(token, key, {}))).ok).toBe(true);
      const expired = resigned(token, key, { iat: past - 600, nbf: past - 600, exp: past });
      expect(await verdictOf(expired)).toEqual(refusedWith(/does not accept/));
      // The first letter of the signature: some bits of the last one mean nothing.
      const changed = token.replace(/[^.](?=[^.]*$)/, (letter) => (letter === 'A' ? 'B' : 'A'));
      expect(await verdictOf(changed)).toMatchObject({ ok: false });
    });
  });

  test('members of etcd that are not there cannot be started anew, and are told', async () => {
    const members = new KubeEtcdMembers(api, NAMESPACE, ['etcd-0']);
    expect(await members.startedAt()).toEqual(new Map([['etcd-0', undefined]]));
    expect(await members.restart('etcd-0')).toBe(false);
  });

  test('a pod is started anew by eviction', async () => {
    await tokens.runningPod('etcd-1', new Date('2026-01-01T00:00:00Z'));
    const members = new KubeEtcdMembers(api, NAMESPACE, ['etcd-1']);
    expect(await members.startedAt()).toEqual(new Map([['etcd-1', Date.UTC(2026, 0, 1)]]));
    expect(await members.restart('etcd-1')).toBe(true);
    expect(await members.startedAt()).toEqual(new Map([['etcd-1', undefined]]));
  });
});
