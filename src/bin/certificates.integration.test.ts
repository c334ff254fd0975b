import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ROTATE_ANNOTATION } from '../adapters/kube/kube-certificate-store.ts';
import { AgentTokens } from '../testing/agent-tokens.ts';
import { CertifiedAgent, CertifyingController, HurriedClock } from '../testing/certified-parties.ts';
import { eventually } from '../testing/eventually.ts';
import { KubeAuthor } from '../testing/kube-author.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../testing/requirements.ts';
import { type EtcdServer, startEtcd } from '../testing/servers/etcd.ts';
import { type KubeApiserver, startKubeApiserver } from '../testing/servers/kube-apiserver.ts';

const NAMESPACE = 'vippool-system';
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Half of the shortest lease: a session that answers within it loses none. */
const ANSWER_MS = 1_000;

describeWith(missingKubeApiserver(), 'two controllers and an agent on an API server', () => {
  let directory: string;
  let etcd: EtcdServer;
  let server: KubeApiserver;
  let author: KubeAuthor;
  let tokens: AgentTokens;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'vippool-certified-'));
    etcd = await startEtcd({ binary: etcdForKubeApiserver() });
    await startServer();
    author = new KubeAuthor(server);
    tokens = new AgentTokens(author, NAMESPACE);
    await tokens.prepare();
    await tokens.runningPod('etcd-0');
  }, 120_000);
  afterAll(async () => {
    await author.close();
    await server.stop();
    await etcd.stop();
    rmSync(directory, { recursive: true });
  }, 60_000);

  async function startServer(port?: number): Promise<void> {
    const binary = toolPath('kube-apiserver');
    server = await startKubeApiserver({
      binary,
      etcd: etcd.endpoint,
      dir: directory,
      ...(port === undefined ? {} : { port }),
    });
  }

  let clock: HurriedClock;
  let controllers: CertifyingController[];
  let agents: CertifiedAgent[];
  let scenario = 0;
  beforeEach(() => {
    // In the past, so that what is certified later is no certificate of the future for the TLS of today.
    clock = new HurriedClock(-12 * DAY_MS);
    controllers = [];
    agents = [];
    scenario++;
  });
  afterEach(async () => {
    await Promise.all([...agents, ...controllers].map((party) => party.stop()));
  });

  const secret = (): string => `ca-${scenario}`;
  const folder = (name: string): string => join(directory, `${scenario}-${name}`);

  async function controller(ordinal: number): Promise<CertifyingController> {
    const options = {
      ordinal,
      authority: { namespace: NAMESPACE, name: secret() },
      account: { namespace: NAMESPACE, name: tokens.account },
      etcdSecret: `etcd-${scenario}`,
      directory: folder(`c${ordinal}`),
      kubeconfig: server.kubeconfigPath,
      clock,
    };
    const made = await CertifyingController.start(options);
    controllers.push(made);
    return made;
  }

  async function agent(node = 'worker-1'): Promise<CertifiedAgent> {
    const token = folder(`token-${node}`);
    writeFileSync(token, await tokens.token(node));
    const directoryOfAgent = folder(node);
    const made = new CertifiedAgent({ node, token, directory: directoryOfAgent, controllers, clock });
    agents.push(made);
    await made.trust(await trusted());
    await made.start();
    return made;
  }

  const trusted = async (): Promise<string> => {
    const { body } = await author.call('GET', `/api/v1/namespaces/${NAMESPACE}/configmaps/${secret()}`);
    return (body['data'] as Record<string, string>)['ca.crt'] ?? '';
  };
  const certificate = (party: { readonly files: { readonly certificate: string } }): X509Certificate =>
    new X509Certificate(readFileSync(party.files.certificate));
  const issuerOf = (party: { readonly files: { readonly certificate: string } }): string => certificate(party).issuer;

  /** Ten minutes after ten minutes, with half a second for everybody to look at the clock. */
  async function timePasses(isDone: () => boolean | Promise<boolean>): Promise<void> {
    for (let steps = 0; !(await isDone()); steps++) {
      expect(steps).toBeLessThan(40);
      await clock.hurry(600_000);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  test('start from nothing: one authority, a certificate for each, and a session with both', async () => {
    const [one, two] = await Promise.all([controller(1), controller(2)]);
    const holder = await agent();
    await holder.connected();
    expect(new Set([issuerOf(one), issuerOf(two), issuerOf(holder)]).size).toBe(1);
    expect(certificate(holder).subjectAltName).toBe('URI:spiffe://vippool/node/worker-1');
    expect(holder.answers().lost).toBe(0);
    const lines = JSON.stringify([one, two, holder].map(({ ports }) => ports.lines));
    expect(lines).not.toContain(readFileSync(holder.files.token, 'utf8').slice(-40));
    for (const { files } of [one, two, holder])
      expect(lines).not.toContain(readFileSync(files.privateKey, 'utf8').split('\n')[1]);
  }, 60_000);

  test('a day passes, then the authority is replaced: every certificate is another one, and no heartbeat is lost', async () => {
    const [one, two] = [await controller(1), await controller(2)];
    const holder = await agent();
    await holder.connected();
    const first = certificate(holder);
    await clock.hurry(27 * HOUR_MS);
    await timePasses(() => certificate(holder).serialNumber !== first.serialNumber);
    expect(certificate(holder).issuer).toBe(first.issuer);

    const annotations = { [ROTATE_ANNOTATION]: 'now' };
    await author.call('PATCH', `${SECRETS}/${secret()}`, { metadata: { annotations } }, 'application/merge-patch+json');
    await timePasses(async () => (await trusted()).match(/BEGIN/g)?.length === 2);
    await holder.trust(await trusted());
    await timePasses(() => [one, two].every((party) => issuerOf(party) !== first.issuer));
    await holder.trust(await trusted());
    await timePasses(() => issuerOf(holder) === issuerOf(one));
    await holder.reloaded();
    expect(holder.answers()).toMatchObject({ disconnected: 0, lost: 0 });
    expect(holder.answers().longestMs).toBeLessThan(ANSWER_MS);

    // And a connection that begins now is one of new certificates.
    await holder.reconnect();
    await holder.connected();
  }, 60_000);

  test('the API server is away: sessions go on, a controller and an agent start again, renewals wait', async () => {
    const one = await controller(1);
    await controller(2);
    const holder = await agent();
    await holder.connected();
    const { port } = server;
    await server.kill();
    const before = certificate(holder).serialNumber;
    await clock.hurry(3 * DAY_MS);
    expect(certificate(holder).serialNumber).toBe(before);
    await one.stop();
    controllers.splice(controllers.indexOf(one), 1);
    await controller(1);
    await holder.reconnect();
    await holder.connected();
    await startServer(port);
    await timePasses(() => certificate(holder).serialNumber !== before);
    expect(issuerOf(holder)).toBe(issuerOf(one));
  }, 60_000);

  test('somebody deletes everything that is kept: it comes back as it was', async () => {
    const one = await controller(1);
    const before = await trusted();
    const paths = [
      `${SECRETS}/${secret()}`,
      `${SECRETS}/etcd-${scenario}`,
      `/api/v1/namespaces/${NAMESPACE}/configmaps/${secret()}`,
    ];
    for (const path of paths) expect((await author.call('DELETE', path)).status).toBe(200);
    await eventually(
      () => trusted().catch(() => ''),
      (text) => text === before,
      20_000,
    );
    const holder = await agent();
    await holder.connected();
    expect(issuerOf(holder)).toBe(issuerOf(one));
  }, 60_000);

  test('a token of one node is of no use to another one', async () => {
    await controller(1);
    await agent('worker-1');
    const thief = new CertifiedAgent({
      node: 'worker-2',
      token: folder('token-worker-1'),
      directory: folder('worker-2'),
      controllers,
      clock,
    });
    agents.push(thief);
    await thief.trust(await trusted());
    void thief.start();
    await eventually(
      () => thief.ports.lines.map(({ fields }) => String(fields['reason'])),
      (reasons) => reasons.some((reason) => /worker-1 asks to be .*worker-2/.test(reason)),
      20_000,
    );
    expect(() => certificate(thief)).toThrow(/ENOENT/);
  }, 60_000);
});
