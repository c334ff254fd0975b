import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, urlHost, withFreePorts } from './server-process.ts';

export interface KubeApiserverOptions {
  /** Path or name of the kube-apiserver binary. */
  readonly binary: string;
  /** Endpoint of a running etcd ("http://127.0.0.1:2379"). */
  readonly etcd: string;
  /** Separates several API servers on one etcd. Default "/registry". */
  readonly etcdPrefix?: string;
  /** Default 127.0.0.1. */
  readonly bindAddress?: string;
  /** Default a free one. Give it to bring a stopped server back where its clients look for it. */
  readonly port?: number;
  /** Holds certificate, token and kubeconfig and is kept after stop(); default a new directory that stop() removes. */
  readonly dir?: string;
  /** Further flags. */
  readonly extraArgs?: readonly string[];
}

export interface KubeApiserver {
  /** "https://127.0.0.1:PORT" */
  readonly url: string;
  readonly port: number;
  /** Bearer token of a member of system:masters. */
  readonly token: string;
  /** PEM certificate of the authority that signed the server's certificate. */
  readonly ca: string;
  readonly kubeconfigPath: string;
  readonly pid: number;
  logTail(): string;
  /** SIGTERM, wait for the end, remove the directory unless the caller named one. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL instead; removes the same. */
  kill(): Promise<void>;
}

/** Starts a kube-apiserver on an etcd and waits until /readyz says so. No other control plane component runs. */
export async function startKubeApiserver(options: KubeApiserverOptions): Promise<KubeApiserver> {
  const address = options.bindAddress ?? '127.0.0.1';
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'vippool-apiserver-')));
  const clean = async (): Promise<void> => {
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  };
  try {
    const token = await prepareCredentials(dir);
    return await withFreePorts(address, 1, async ([freePort = 0]) => {
      const port = options.port ?? freePort;
      const url = `https://${urlHost(address)}:${port}`;
      const server = await startServer({
        argv: [options.binary, ...flags(options, dir, address, port)],
        ready: async () => (await getStatus(`${url}/readyz`, token, await readCa(dir))) === 200,
        readyWithinMs: 60_000,
      });
      const ca = await readCa(dir);
      const kubeconfigPath = join(dir, 'kubeconfig.json');
      await writeFile(kubeconfigPath, kubeconfig(url, ca, token), { mode: 0o600 });
      return {
        url,
        port,
        token,
        ca,
        kubeconfigPath,
        pid: server.pid,
        logTail: () => server.logTail(),
        stop: () => server.stop().then(clean),
        kill: () => server.kill().then(clean),
      };
    });
  } catch (error) {
    await clean();
    throw error;
  }
}

function flags(options: KubeApiserverOptions, dir: string, address: string, port: number): string[] {
  return [
    `--etcd-servers=${options.etcd}`,
    `--etcd-prefix=${options.etcdPrefix ?? '/registry'}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    // The server makes its own certificate here, with its authority behind it in the same file.
    `--cert-dir=${dir}`,
    `--token-auth-file=${join(dir, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    `--service-account-key-file=${join(dir, 'service-account.key')}`,
    `--service-account-signing-key-file=${join(dir, 'service-account.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.96.0.0/24',
    // Nothing creates service accounts, and a loopback address is no valid endpoint.
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    '--shutdown-delay-duration=0s',
    '--profiling=false',
    ...(options.extraArgs ?? []),
  ];
}

/** Writes token file and service account key unless an earlier start left them; returns the token. */
async function prepareCredentials(dir: string): Promise<string> {
  const tokenFile = join(dir, 'tokens.csv');
  if (!existsSync(tokenFile)) {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    await writeFile(join(dir, 'service-account.key'), privateKey, { mode: 0o600 });
    const token = randomBytes(16).toString('hex');
    await writeFile(tokenFile, `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  }
  return (await readFile(tokenFile, 'utf8')).split(',', 1)[0] ?? '';
}

/** The last certificate of the server's file is the authority. */
async function readCa(dir: string): Promise<string> {
  const pem = await readFile(join(dir, 'apiserver.crt'), 'utf8');
  return pem.slice(pem.lastIndexOf('-----BEGIN CERTIFICATE-----'));
}

function getStatus(url: string, token: string, ca: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { ca, headers: { authorization: `Bearer ${token}` }, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', reject);
    call.end();
  });
}

/** JSON is valid YAML, so kubectl and every client read it. */
function kubeconfig(url: string, ca: string, token: string): string {
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}
