/** Programs that were written for CTDB and for keepalived, brought here as docs/health-checks.md says. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import type { ProbeOutcome } from '../../core/checks.ts';
import { contextOf } from '../../testing/check-context.ts';
import { documentedCheck, documentedShell } from '../../testing/documented-checks.ts';
import { realClock } from '../../testing/real-time.ts';
import { describeWith, firstMissing, missingLinux, missingProgram } from '../../testing/requirements.ts';
import { hostProbes } from './host-probes.ts';

const CHECK_DIR = '/checks';
/** More than the document gives: this machine may be busy. */
const TIMEOUT_MS = 10_000;
const SOCKET = '/run/clamav/clamd.ctl';
const CTDB_FILES = ['/etc/ctdb/functions', '/usr/share/ctdb/events/legacy/31.clamd.script'];

function missingCtdbFiles(): string | undefined {
  const absent = CTDB_FILES.find((path) => !existsSync(path));
  return absent && `needs ${absent} (package ctdb)`;
}

const directory = mkdtempSync(join(tmpdir(), 'vippool-ported-'));
const here = (text: string): string => text.replaceAll(CHECK_DIR, directory);
const { probes, stop } = hostProbes([directory], realClock);

/** One run of a check of the document. */
function run(name: string): Promise<ProbeOutcome> {
  const { probe } = documentedCheck(name);
  const [context, signal] = [contextOf({ timeoutMs: TIMEOUT_MS }), AbortSignal.timeout(TIMEOUT_MS)];
  if (probe.type === 'exec') return probes.exec.run({ ...probe, command: probe.command.map(here) }, context, signal);
  if (probe.type !== 'scripts') throw new Error(`${name} starts no program`);
  return probes.scripts.run({ ...probe, directory: here(probe.directory) }, context, signal);
}

afterAll(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

describeWith(
  firstMissing(missingLinux(), missingCtdbFiles(), missingProgram('ss', 'iproute2')),
  'an event script of CTDB',
  () => {
    it('says whether the service listens', async () => {
      const socket = join(directory, 'clamd.ctl');
      execFileSync('sh', ['-e', '-c', here(documentedShell('31.clamd')).replace(SOCKET, socket)]);
      expect(await run('ctdb-events')).toMatchObject({
        ok: false,
        output: expect.stringMatching(/^31\.clamd: exit code 1: ERROR: .*not listening on .*clamd\.ctl$/),
      });
      const server = createServer().listen(socket);
      await once(server, 'listening');
      expect(await run('ctdb-events')).toMatchObject({ ok: true, output: '1 script ended well' });
      server.close();
      await once(server, 'close');
      expect(await run('ctdb-events')).toMatchObject({ ok: false });
    }, 60_000);
  },
);

describeWith(firstMissing(missingLinux(), missingProgram('killall', 'psmisc')), 'a vrrp_script of keepalived', () => {
  let haproxy: ChildProcess | undefined;
  afterEach(() => void haproxy?.kill('SIGKILL'));

  it('says whether the process runs', async () => {
    const script = join(directory, 'check-haproxy');
    writeFileSync(script, documentedShell('# /checks/check-haproxy'));
    chmodSync(script, 0o755);
    expect(await run('haproxy')).toMatchObject({ ok: false, output: 'exit code 1: haproxy: no process found' });
    const program = join(directory, 'haproxy');
    copyFileSync('/bin/sleep', program);
    haproxy = spawn(program, ['60']);
    await once(haproxy, 'spawn');
    expect(await run('haproxy')).toMatchObject({ ok: true });
    haproxy.kill('SIGKILL');
    await once(haproxy, 'exit');
    expect(await run('haproxy')).toMatchObject({ ok: false });
  }, 60_000);
});
