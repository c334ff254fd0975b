import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AgentTokens } from '../testing/agent-tokens.ts';
import { CertifiedAgent } from '../testing/certified-parties.ts';
import { eventually } from '../testing/eventually.ts';
import { freePort } from '../testing/free-port.ts';
import { KubeAuthor } from '../testing/kube-author.ts';
import { realClock } from '../testing/real-time.ts';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../testing/requirements.ts';
import { type EtcdServer, startEtcd } from '../testing/servers/etcd.ts';
import { type KubeApiserver, startKubeApiserver } from '../testing/servers/kube-apiserver.ts';
import { controllerId } from '../core/ids.ts';

const NAMESPACE = 'vippool-system';
const HOST = '127.0.0.1';

describeWith(missingKubeApiserver(), 'the process of a controller that makes the certificates', () => {
  let directory: string;
  let etcdOfServer: EtcdServer;
  let etcd: EtcdServer | undefined;
  let server: KubeApiserver;
  let author: KubeAuthor;
  let tokens: AgentTokens;
  let ports: readonly number[];
  let running: ChildProcess | undefined;
  let output = '';

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'vippool-issuing-'));
    etcdOfServer = await startEtcd({ binary: etcdForKubeApiserver() });
    server = await startKubeApiserver({ binary: toolPath('kube-apiserver'), etcd: etcdOfServer.endpoint });
    author = new KubeAuthor(server);
    await author.installCrds();
    tokens = new AgentTokens(author, NAMESPACE);
    await tokens.prepare();
    ports = [await freePort(), await freePort(), await freePort(), await freePort()];
  }, 120_000);
  afterAll(async () => {
    await end();
    await author.close();
    await server.stop();
    await Promise.all([etcd?.stop(), etcdOfServer.stop()]);
    rmSync(directory, { recursive: true });
  }, 60_000);

  function start(): void {
    const [listen = 0, metrics = 0, identity = 0, ofEtcd = 0] = ports;
    const file = (name: string): string => join(directory, 'state/tls', name);
    const args = [
      'controller',
      '--id=c1',
      `--listen=${HOST}:${listen}`,
      `--metrics-listen=${HOST}:${metrics}`,
      '--source=kubernetes',
      `--kubeconfig=${server.kubeconfigPath}`,
      `--state-dir=${join(directory, 'state')}`,
      `--etcd=https://localhost:${ofEtcd}`,
      ...['etcd', 'tls'].flatMap((use) => [
        `--${use}-ca=${file('ca.crt')}`,
        `--${use}-cert=${file('tls.crt')}`,
        `--${use}-key=${file('tls.key')}`,
      ]),
      `--authority=${NAMESPACE}/authority`,
      `--agent-account=${NAMESPACE}/${tokens.account}`,
      `--identity-listen=${HOST}:${identity}`,
      '--etcd-secret=etcd-tls',
      '--realtime=off',
    ];
    const child = spawn(process.execPath, [join(import.meta.dirname, 'vippool.ts'), ...args], { env: {} });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    running = child;
  }

  async function end(): Promise<number | null> {
    const child = running;
    running = undefined;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    return code;
  }

  const secret = async (name: string): Promise<Record<string, string>> => {
    const { body } = await author.call('GET', `/api/v1/namespaces/${NAMESPACE}/secrets/${name}`);
    const data = (body['data'] ?? {}) as Record<string, string>;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  };
  const isReady = async (): Promise<boolean> =>
    (await fetch(`http://${HOST}:${ports[1] ?? 0}/readyz`).catch(() => undefined))?.ok ?? false;

  test('makes the certificate of etcd before there is an etcd, and leads by it over TLS', async () => {
    start();
    const kept = await eventually(
      () => secret('etcd-tls'),
      (texts) => texts['tls.crt'] !== undefined,
      30_000,
    );
    expect(new X509Certificate(kept['tls.crt'] ?? '').subjectAltName).toBe('DNS:localhost');
    const folder = join(directory, 'etcd');
    mkdirSync(folder);
    for (const [name, text] of Object.entries(kept)) writeFileSync(join(folder, name), text);
    const tls = {
      certificate: join(folder, 'tls.crt'),
      privateKey: join(folder, 'tls.key'),
      authorities: join(folder, 'ca.crt'),
    };
    etcd = await startEtcd({ binary: etcdForKubeApiserver(), port: ports[3] ?? 0, tls });
    await eventually(isReady, (is) => is, 30_000);
  }, 90_000);

  test('certifies the agent of a pod', async () => {
    const token = join(directory, 'token');
    writeFileSync(token, await tokens.token('worker-1'));
    const controllers = [{ id: controllerId('c1'), host: HOST, port: ports[0] ?? 0, identityPort: ports[2] ?? 0 }];
    const agent = new CertifiedAgent({
      node: 'worker-1',
      token,
      directory: join(directory, 'agent'),
      controllers,
      clock: realClock,
    });
    await agent.trust((await secret('authority'))['ca.crt'] ?? '');
    await agent.start();
    const leaf = new X509Certificate(readFileSync(agent.files.certificate));
    expect(leaf.subjectAltName).toBe('URI:spiffe://vippool/node/worker-1');
    const counted = await (await fetch(`http://${HOST}:${ports[1] ?? 0}/metrics`)).text();
    expect(counted).toMatch(/vippool_certificate_requests_total\{answer="certified"\} 1\n/);
    await agent.stop();
  }, 60_000);

  test('starts again with the certificate that it has, and stops when it is told to', async () => {
    const own = readFileSync(join(directory, 'state/tls/tls.crt'), 'utf8');
    expect(await end()).toBe(0);
    start();
    await eventually(isReady, (is) => is, 30_000);
    expect(readFileSync(join(directory, 'state/tls/tls.crt'), 'utf8')).toBe(own);
    expect(await end()).toBe(0);
  }, 90_000);

  test('has no secret in its log', async () => {
    const { 'authorities.json': book = '' } = await secret('authority');
    const { issuer } = JSON.parse(book) as { issuer: { privateKey: string } };
    const own = readFileSync(join(directory, 'state/tls/tls.key'), 'utf8');
    const token = readFileSync(join(directory, 'token'), 'utf8');
    expect(output).toContain('certificate was obtained');
    for (const text of [issuer.privateKey.split('\n')[1], own.split('\n')[1], token.split('.')[2]]) {
      expect(text?.length).toBeGreaterThan(20);
      expect(output).not.toContain(text);
    }
  });
});
