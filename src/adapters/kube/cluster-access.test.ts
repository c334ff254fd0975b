import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KubeconfigAccess } from './cluster-access.ts';

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'vippool-kubeconfig-'))));
afterEach(() => rm(dir, { recursive: true, force: true }));

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function kubeconfig(cluster: object, user: object): Promise<string> {
  const path = join(dir, 'config');
  await writeFile(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1:6443/', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  return path;
}

test('a token and an authority', async () => {
  const path = await kubeconfig({ 'certificate-authority-data': base64('CA') }, { token: 'secret' });
  expect(await new KubeconfigAccess({ path }).access()).toEqual({
    server: 'https://192.0.2.1:6443',
    headers: { authorization: 'Bearer secret' },
    tls: { ca: 'CA' },
  });
});

test('a client certificate in files beside the kubeconfig, read for every request', async () => {
  const path = await kubeconfig(
    { 'insecure-skip-tls-verify': true, 'tls-server-name': 'api.example.com' },
    { 'client-certificate': 'tls.crt', 'client-key': 'tls.key' },
  );
  await writeFile(join(dir, 'tls.crt'), 'CERT');
  await writeFile(join(dir, 'tls.key'), 'KEY');
  const cluster = new KubeconfigAccess({ path });
  expect((await cluster.access()).tls).toEqual({
    cert: 'CERT',
    key: 'KEY',
    servername: 'api.example.com',
    rejectUnauthorized: false,
  });
  await writeFile(join(dir, 'tls.crt'), 'NEXT');
  expect((await cluster.access()).tls.cert).toBe('NEXT');
});

test('user and password', async () => {
  const path = await kubeconfig({}, { username: 'u', password: 'p' });
  expect((await new KubeconfigAccess({ path }).access()).headers).toEqual({ authorization: `Basic ${base64('u:p')}` });
});

test('a credential plugin', async () => {
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 't' } };
  const exec = { apiVersion: credential.apiVersion, command: 'echo', args: [JSON.stringify(credential)] };
  const path = await kubeconfig({}, { exec });
  expect((await new KubeconfigAccess({ path }).access()).headers).toEqual({ authorization: 'Bearer t' });
});

test('credentials that were refused are read anew', async () => {
  const path = await kubeconfig({}, { token: 'old' });
  const cluster = new KubeconfigAccess({ path });
  await cluster.access();
  await kubeconfig({}, { token: 'new' });
  expect((await cluster.access()).headers['authorization']).toBe('Bearer old');
  cluster.forget();
  expect((await cluster.access()).headers['authorization']).toBe('Bearer new');
});

test('a kubeconfig that is missing may come later', async () => {
  const cluster = new KubeconfigAccess({ path: join(dir, 'config') });
  await expect(cluster.access()).rejects.toMatchObject({ code: 'InvalidInput' });
  await kubeconfig({}, { token: 'secret' });
  expect((await cluster.access()).server).toBe('https://192.0.2.1:6443');
});

test('what cannot work is said', async () => {
  const path = await kubeconfig({ 'proxy-url': 'http://192.0.2.9:3128' }, {});
  await expect(new KubeconfigAccess({ path }).access()).rejects.toThrow('proxy-url');
  await expect(new KubeconfigAccess({ path, context: 'y' }).access()).rejects.toThrow('no context "y"');
  await writeFile(path, '{');
  await expect(new KubeconfigAccess({ path }).access()).rejects.toThrow('the kubeconfig cannot be used');
});
