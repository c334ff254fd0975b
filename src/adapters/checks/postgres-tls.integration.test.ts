import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ProbeOutcome } from '../../core/checks.ts';
import { TestAuthority } from '../../testing/certificates.ts';
import { freePort } from '../../testing/free-port.ts';
import { runProbe } from '../../testing/probe-runs.ts';
import { realRandom } from '../../testing/real-time.ts';
import { describeWith } from '../../testing/requirements.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../../testing/servers/postgres.ts';
import { PostgresProbe } from './postgres-probe.ts';

const PASSWORD = 'sesame';

describeWith(missingPostgres(), 'postgres probe and a PostgreSQL with TLS', () => {
  let dir: string;
  let server: PostgresServer | undefined;
  const probe = new PostgresProbe(realRandom);

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'vippool-postgres-tls-'));
    writeFileSync(join(dir, 'right'), `${PASSWORD}\n`);
    writeFileSync(join(dir, 'wrong'), 'barley\n');
  });
  afterEach(async () => {
    await server?.kill();
    rmSync(dir, { recursive: true });
  });

  async function start(takes: 'all' | 'tls' | 'plain'): Promise<void> {
    const tls = await (await TestAuthority.create()).server();
    server = await startPostgres({ dir: join(dir, 'server'), port: await freePort(), password: PASSWORD, tls, takes });
  }
  const look = async (password: 'right' | 'wrong', role: 'Any' | 'Primary' = 'Primary'): Promise<ProbeOutcome> => {
    const { port } = server ?? { port: 0 };
    const passwordFile = join(dir, password);
    const check = { type: 'postgres', host: '127.0.0.1', port, role, user: 'postgres', database: 'postgres' } as const;
    const outcome = await runProbe(probe, { ...check, passwordFile });
    return { ...outcome, output: outcome.output.replace(`127.0.0.1:${port}`, 'SERVER') };
  };

  test('one that takes nothing else', async () => {
    await start('tls');
    for (let time = 0; time < 3; time++) expect(await look('right')).toMatchObject({ ok: true });
    expect(await look('wrong')).toMatchObject({
      ok: false,
      output: 'SERVER: password authentication failed for user "postgres"',
    });
    const log = server?.logTail();
    expect(log).toMatch(/connection authorized: user=postgres database=postgres .*SSL enabled/);
    expect(log).not.toMatch(/unexpected EOF|could not receive|no pg_hba.conf entry/);
  }, 60_000);

  test('one that uses TLS where the client does', async () => {
    await start('all');
    expect(await look('right')).toMatchObject({ ok: true, output: 'primary at SERVER' });
    expect(server?.logTail()).toMatch(/connection authorized: .*SSL enabled/);
  }, 60_000);

  test('one that takes no connections with TLS, though it has it', async () => {
    await start('plain');
    expect(await look('right')).toMatchObject({ ok: true, output: 'primary at SERVER' });
    expect(server?.logTail()).toMatch(/connection authorized: (?!.*SSL)/);
    expect(await look('wrong')).toMatchObject({ ok: false });
  }, 60_000);
});
