import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { CheckProbe } from '../../core/checks.ts';
import { documentedProbe } from '../../testing/documented-checks.ts';
import { eventually } from '../../testing/eventually.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { RemoteProbes, type TimedOutcome } from '../../testing/remote-probes.ts';
import { describeWith, firstMissing } from '../../testing/requirements.ts';
import { missingGanesha, startGanesha } from '../../testing/servers/ganesha.ts';
import { missingPostgres, startPostgres } from '../../testing/servers/postgres.ts';
import { missingSamba, startSamba } from '../../testing/servers/samba.ts';
import type { ServerProcess } from '../../testing/servers/server-process.ts';
import { startWrongAnswer } from '../../testing/servers/wrong-answer.ts';

const HOST = '127.0.0.1';
const TIMEOUT_MS = 300;

let host: HostNamespace;
let probes: RemoteProbes;
let dir: string;
const running: ServerProcess[] = [];

async function started<T extends ServerProcess>(start: Promise<T>): Promise<T> {
  const server = await start;
  running.push(server);
  return server;
}

const setUp = async (): Promise<void> => {
  dir = mkdtempSync(join(tmpdir(), 'vippool-services-'));
  host = await HostNamespace.create();
  probes = await RemoteProbes.start(host);
};
const endAll = async (): Promise<void> => {
  await Promise.all(running.splice(0).map((server) => server.kill()));
};
const tearDown = async (): Promise<void> => {
  await probes.close();
  await host.close();
  rmSync(dir, { recursive: true });
};

/** What becomes of a service that is paused, resumed, stopped and replaced by another one. */
async function livesThrough(
  server: ServerProcess,
  check: CheckProbe & { readonly port: number },
  wrong: RegExp,
): Promise<void> {
  const look = (): Promise<TimedOutcome> => probes.run(check, TIMEOUT_MS);
  const to = `${HOST}:${check.port}`;
  const files = await probes.openFiles();
  const well = await look();
  expect(well.ok).toBe(true);

  await server.pause();
  const paused = await look();
  expect(paused).toMatchObject({
    ok: false,
    output: `${to} accepted the connection, but gave no answer within ${TIMEOUT_MS} ms`,
  });
  expect(paused.ms).toBeLessThan(TIMEOUT_MS + 150);
  server.resume();
  expect((await eventually(look, ({ ok }) => ok)).output).toBe(well.output);

  await server.stop();
  expect(await look()).toMatchObject({ ok: false, output: `${to} refuses connections: nothing listens there` });

  const other = await started(startWrongAnswer({ netns: host.netns, port: check.port }));
  expect(await look()).toMatchObject({ ok: false, output: expect.stringMatching(wrong) });
  await other.stop();
  expect(await probes.openFiles()).toBe(files);
}

const needs = (missing: string | undefined): string | undefined => firstMissing(HostNamespace.missing(), missing);

describeWith(needs(missingSamba()), 'smb probe and Samba', () => {
  beforeAll(setUp);
  afterEach(endAll);
  afterAll(tearDown);
  const check = { type: 'smb', host: HOST, port: 445 } as const;

  test('paused, resumed, stopped, replaced', async () => {
    const server = await started(startSamba({ dir: join(dir, 'smb'), netns: host.netns }));
    expect(await probes.run(check)).toMatchObject({ ok: true, output: '127.0.0.1:445 speaks SMB 3.1.1' });
    expect(await probes.run(documentedProbe('smb'))).toMatchObject({ ok: true });
    await livesThrough(server, check, /sent something that is no answer of SMB/);
  }, 30_000);

  test('speaks SMB 2 at most', async () => {
    await started(startSamba({ dir: join(dir, 'smb2'), netns: host.netns, maxProtocol: 'SMB2' }));
    expect(await probes.run(check)).toMatchObject({ ok: true, output: '127.0.0.1:445 speaks SMB 2.1' });
  }, 30_000);

  test('speaks SMB 1 only', async () => {
    await started(startSamba({ dir: join(dir, 'smb1'), netns: host.netns, maxProtocol: 'NT1' }));
    const outcome = await probes.run(check);
    expect(outcome).toMatchObject({ ok: false });
    expect(outcome.output).toMatch(/SMB 1 only|reset the connection/);
  }, 30_000);
});

describeWith(needs(missingGanesha()), 'nfs probe and NFS-Ganesha', () => {
  beforeAll(setUp);
  afterEach(endAll);
  afterAll(tearDown);
  const check = { type: 'nfs', host: HOST, port: 2049, versions: [3, 4] } as const;

  test('paused, resumed, stopped, replaced', async () => {
    const server = await started(startGanesha({ dir: join(dir, 'nfs'), netns: host.netns }));
    expect(await probes.run(check)).toMatchObject({ ok: true, output: '127.0.0.1:2049 serves NFS 3 and NFS 4' });
    expect(await probes.run(documentedProbe('nfs'))).toMatchObject({ ok: true });
    await livesThrough(server, check, /sent something that is no answer of ONC RPC/);
  }, 30_000);

  test('serves one version only', async () => {
    await started(startGanesha({ dir: join(dir, 'nfs4'), netns: host.netns, versions: [4] }));
    expect(await probes.run({ ...check, versions: [4] })).toMatchObject({ ok: true });
    expect(await probes.run(check)).toMatchObject({
      ok: false,
      output: '127.0.0.1:2049 does not serve NFS 3: it serves versions 4 to 4',
    });
  }, 30_000);

  test('rpcbind speaks ONC RPC, but is no NFS server', async () => {
    await started(startGanesha({ dir: join(dir, 'rpc'), netns: host.netns }));
    expect(await probes.run({ ...check, port: 111 })).toMatchObject({
      ok: false,
      output: '127.0.0.1:111 speaks ONC RPC, but serves no NFS',
    });
  }, 30_000);
});

describeWith(needs(missingPostgres()), 'postgres probe and PostgreSQL', () => {
  beforeAll(setUp);
  afterEach(endAll);
  afterAll(tearDown);
  const check = {
    type: 'postgres',
    host: HOST,
    port: 5432,
    role: 'Primary',
    user: 'postgres',
    database: 'postgres',
    passwordFile: '',
  } as const;

  test('paused, resumed, stopped, replaced', async () => {
    const server = await started(startPostgres({ dir: join(dir, 'primary'), netns: host.netns }));
    expect(await probes.run(check)).toMatchObject({ ok: true, output: 'primary at 127.0.0.1:5432' });
    await livesThrough(server, check, /sent something that is no answer of PostgreSQL/);
    expect(server.logTail()).not.toMatch(/unexpected EOF|could not receive/);
  }, 60_000);

  test('a standby is promoted', async () => {
    const server = await started(startPostgres({ dir: join(dir, 'standby'), netns: host.netns, role: 'standby' }));
    expect(await probes.run({ ...check, role: 'Any' })).toMatchObject({
      ok: true,
      output: 'standby at 127.0.0.1:5432',
    });
    expect(await probes.run(check)).toMatchObject({
      ok: false,
      output: 'standby, wanted primary, at 127.0.0.1:5432',
    });
    await server.promote();
    expect(await probes.run(check)).toMatchObject({ ok: true, output: 'primary at 127.0.0.1:5432' });
  }, 60_000);

  test('a password is asked for', async () => {
    await started(startPostgres({ dir: join(dir, 'secret'), netns: host.netns, password: 'sesame' }));
    const [right, wrong] = [join(dir, 'right'), join(dir, 'wrong')];
    writeFileSync(right, 'sesame\n');
    writeFileSync(wrong, 'barley\n');
    expect(await probes.run({ ...check, passwordFile: right })).toMatchObject({ ok: true });
    const documented = documentedProbe('postgres');
    expect(await probes.run({ ...documented, user: 'postgres', passwordFile: right })).toMatchObject({ ok: true });
    expect(await probes.run({ ...check, passwordFile: wrong })).toMatchObject({
      ok: false,
      output: '127.0.0.1:5432: password authentication failed for user "postgres"',
    });
    expect(await probes.run(check)).toMatchObject({
      ok: false,
      output: expect.stringMatching(/ asks for the password of "postgres": name the file/),
    });
    expect(await probes.run({ ...check, role: 'Any' })).toMatchObject({
      ok: true,
      output: '127.0.0.1:5432 asks for a login, which is an answer',
    });
  }, 60_000);
});
