import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { CertsConfig } from '../config/options/certs.ts';
import { controllerId, nodeName } from '../core/ids.ts';
import { runCerts } from './certs.ts';
import type { Outcome } from './outcome.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vippool-certs-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const NOTHING = { node: undefined, controller: undefined, server: undefined, hosts: undefined, out: undefined };
const run = (action: CertsConfig['action'], over: Partial<CertsConfig> = {}): Promise<Outcome> =>
  runCerts({ ...NOTHING, days: undefined, dir, action, ...over });
const namesIn = (...path: string[]): string | undefined =>
  new X509Certificate(readFileSync(join(dir, ...path))).subjectAltName;

test('makes an authority and what it certifies, and says where', async () => {
  expect(await run('init')).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^New authority in .*secret/) });
  const { output } = await run('issue', { node: nodeName('node-a') });
  expect(output).toMatch(
    /^Certificate for spiffe:\/\/vippool\/node\/node-a, good until \d{4}-\d\d-\d\d, in .*node-node-a/,
  );
  expect(namesIn('node-node-a', 'tls.crt')).toBe('URI:spiffe://vippool/node/node-a');
  await run('issue', { controller: controllerId('c1'), hosts: ['c1.example'] });
  expect(namesIn('controller-c1', 'tls.crt')).toBe('URI:spiffe://vippool/controller/c1, DNS:c1.example');
  await run('issue', { server: nodeName('etcd'), hosts: ['192.0.2.1'], out: join(dir, 'elsewhere') });
  expect(namesIn('elsewhere', 'tls.crt')).toBe('IP Address:192.0.2.1');
});

test('says until when a certificate is really good', async () => {
  await run('init', { days: 10 });
  const { output } = await run('issue', { node: nodeName('node-a'), days: 300 });
  const end = new X509Certificate(readFileSync(join(dir, 'ca.crt'))).validToDate.toISOString().slice(0, 10);
  expect(output).toContain(`good until ${end}`);
});

test('replaces an authority in two steps, and says what comes next', async () => {
  await run('init');
  expect((await run('retire-ca')).output).toMatch(/^Nothing to do/);
  expect((await run('replace-ca')).output).toMatch(/copy ca.crt to every host, then issue/);
  expect((await run('retire-ca')).output).toMatch(/copy ca.crt to every host/);
});

test('says what is wrong', async () => {
  expect(await run('issue', { node: nodeName('node-a') })).toMatchObject({
    exitCode: 1,
    output: '',
    errors: expect.stringMatching(/^vippool: cannot read .*ca\.(crt|key).*"init" makes one\n$/),
  });
});
