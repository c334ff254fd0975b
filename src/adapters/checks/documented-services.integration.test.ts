/** The examples of docs/health-checks.md that need no real service: a listener, and a web server with its own certificate. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { TestAuthority } from '../../testing/certificates.ts';
import { documentedProbe } from '../../testing/documented-checks.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { RemoteProbes } from '../../testing/remote-probes.ts';
import { describeWith } from '../../testing/requirements.ts';
import { isListening, type ServerProcess, startServer } from '../../testing/servers/server-process.ts';
import { startWrongAnswer } from '../../testing/servers/wrong-answer.ts';

/** Well at one path, and nowhere else. */
const WEB_SERVER = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
const [port, path, key, cert] = process.argv.slice(1);
createServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ url }, response) => {
  response.writeHead(url === path ? 200 : 404).end();
}).listen(Number(port));
`;

describeWith(HostNamespace.missing(), 'documented checks of services', () => {
  let host: HostNamespace;
  let probes: RemoteProbes;
  let server: ServerProcess | undefined;
  const directory = mkdtempSync(join(tmpdir(), 'vippool-documented-'));

  beforeAll(async () => {
    host = await HostNamespace.create();
    probes = await RemoteProbes.start(host);
  });
  afterEach(() => server?.kill());
  afterAll(async () => {
    await probes.close();
    await host.close();
    rmSync(directory, { recursive: true });
  });

  test('tcp', async () => {
    const check = documentedProbe('tcp');
    expect(await probes.run(check)).toMatchObject({ ok: false });
    server = await startWrongAnswer({ netns: host.netns, port: check.port });
    expect(await probes.run(check)).toMatchObject({ ok: true });
  });

  test('http', async () => {
    const check = documentedProbe('http');
    expect(await probes.run(check)).toMatchObject({ ok: false });
    const { port, pathname } = new URL(check.url);
    const { privateKey, certificate } = await (await TestAuthority.create()).server();
    const [keyFile, certFile] = [join(directory, 'key'), join(directory, 'cert')];
    writeFileSync(keyFile, privateKey);
    writeFileSync(certFile, certificate);
    server = await startServer({
      argv: [process.execPath, '--input-type=module', '-e', WEB_SERVER, port, pathname, keyFile, certFile],
      ready: (pid) => isListening(pid, Number(port)),
      netns: host.netns,
    });
    expect(await probes.run(check)).toMatchObject({ ok: true });
    expect(await probes.run({ ...check, verifyTls: true })).toMatchObject({ ok: false });
    const elsewhere = new URL('/', check.url).href;
    expect(await probes.run({ ...check, url: elsewhere })).toMatchObject({ ok: false });
  });
});
