import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { KeyMaterial } from '../../ports/credentials.ts';
import { HeldCredentials, over, TestAuthority } from '../../testing/certificates.ts';
import { eventually } from '../../testing/eventually.ts';
import { realClock as clock } from '../../testing/real-time.ts';
import { describeWith, missingTool, toolPath } from '../../testing/requirements.ts';
import { type EtcdServer, startEtcd } from '../../testing/servers/etcd.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { EtcdElectionStore } from './etcd-election-store.ts';

describeWith(missingTool('etcd'), 'an etcd that talks to certified clients only', () => {
  let directory: string;
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let etcd: EtcdServer;
  const open: EtcdElectionStore[] = [];
  const files = (): KeyMaterial => {
    const path = (part: string): string => join(directory, part);
    return {
      certificate: path('certificate'),
      privateKey: path('privateKey'),
      authorities: path('authorities'),
    };
  };
  const store = (credentials?: HeldCredentials, endpoint = etcd.endpoint): EtcdElectionStore => {
    const made = new EtcdElectionStore({ hosts: [endpoint], prefix: '/vippool', credentials, clock, sockets });
    open.push(made);
    return made;
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'vippool-etcd-tls-'));
    authority = await TestAuthority.create();
    stranger = await TestAuthority.create();
    for (const [part, text] of Object.entries(await authority.server())) writeFileSync(join(directory, part), text);
    etcd = await startEtcd({ binary: toolPath('etcd'), tls: files() });
  }, 30_000);
  afterEach(() => {
    for (const made of open.splice(0)) made.close();
  });
  afterAll(async () => {
    await etcd.stop();
    rmSync(directory, { recursive: true });
  });

  test('talks to us', async () => {
    expect(await store(new HeldCredentials(await authority.server())).read()).toEqual({ queue: [] });
  });

  test.each([
    ['without a certificate', () => Promise.resolve(undefined)],
    ['with a certificate that has expired', () => authority.server(over())],
    [
      'with a certificate of somebody else',
      async () => ({ ...(await stranger.server()), authorities: authority.pair.certificate }),
    ],
    [
      'that trusts somebody else',
      async () => ({ ...(await authority.server()), authorities: stranger.pair.certificate }),
    ],
  ])('is unavailable to a client %s', async (_, make) => {
    const material = await make();
    const refused = store(material && new HeldCredentials(material)).read();
    await expect(refused).rejects.toMatchObject({ name: 'OpError', retryable: true });
  });

  test('is talked to with new certificates from the next connection on', async () => {
    const [good, bad] = [await authority.server(), await stranger.server()];
    const credentials = new HeldCredentials(good);
    const connected = store(credentials);
    await connected.read();
    credentials.replace(bad);
    expect(await connected.read()).toEqual({ queue: [] });
    const newcomer = store(credentials);
    await expect(newcomer.read()).rejects.toMatchObject({ name: 'OpError' });
    credentials.replace(good);
    const view = await eventually(
      () => newcomer.read().catch(() => undefined),
      (answer) => answer !== undefined,
      10_000,
    );
    expect(view).toEqual({ queue: [] });
  });

  test('takes its own certificate anew, and whom it trusts at its start only: so its members start anew for another one', async () => {
    const both = authority.pair.certificate + stranger.pair.certificate;
    const newcomer = { ...(await stranger.server()), authorities: both };
    const write = (material: KeyMaterial): void => {
      for (const [part, text] of Object.entries(material)) writeFileSync(join(directory, part), text);
    };
    write(newcomer);
    const old = new HeldCredentials({ ...(await authority.server()), authorities: stranger.pair.certificate });
    expect(await store(old).read()).toEqual({ queue: [] });
    await expect(store(new HeldCredentials(newcomer)).read()).rejects.toMatchObject({ name: 'OpError' });
    const { port } = etcd;
    await etcd.stop();
    etcd = await startEtcd({ binary: toolPath('etcd'), tls: files(), port });
    expect(await store(new HeldCredentials(newcomer)).read()).toEqual({ queue: [] });
    await etcd.stop();
    write(await authority.server());
    etcd = await startEtcd({ binary: toolPath('etcd'), tls: files(), port });
  }, 30_000);

  test('is believed only at the addresses that are in its certificate', async () => {
    const credentials = new HeldCredentials(await authority.server());
    let connections = 0;
    const forwarder = createServer((socket) => {
      connections++;
      const upstream = connect(etcd.port, '127.0.0.1').on('error', () => socket.destroy());
      socket
        .on('error', () => upstream.destroy())
        .pipe(upstream)
        .pipe(socket);
    }).listen(0, '127.0.0.2');
    await once(forwarder, 'listening');
    const { port } = forwarder.address() as AddressInfo;
    const elsewhere = store(credentials, `https://127.0.0.2:${port}`);
    await expect(elsewhere.read()).rejects.toMatchObject({ name: 'OpError' });
    elsewhere.close();
    forwarder.close();
    expect(connections).toBeGreaterThan(0);
    expect(await store(credentials, `https://localhost:${etcd.port}`).read()).toEqual({ queue: [] });
  });
});
