import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, firstMissing } from '../../src/testing/requirements.ts';
import { DATABASE_PID_FILE, DISK_PATH, EXPORT_PATH, HostServices, missingServices } from './services.ts';
import { HOST_ROOT, type Host } from './host.ts';
import { Lab } from './lab.ts';
import { missingForLab } from './requirements.ts';
import { NFS_PID_FILE, SMB_PID_FILE } from './services.ts';
import { sleep, waitFor } from './wait.ts';

describeWith(firstMissing(missingForLab(), missingServices()), 'services on a host', () => {
  let lab: Lab;
  let host: Host;
  let services: HostServices;

  beforeAll(async () => {
    lab = Lab.create(['node-1']);
    host = lab.host('node-1');
    services = await HostServices.start(host);
  }, 60_000);

  afterAll(async () => {
    await lab?.destroy();
  }, 30_000);

  const onHost = (...command: readonly string[]): string =>
    execFileSync('nsenter', [`--net=/run/netns/${host.name}`, 'timeout', '2', ...command], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const listsExport = (): boolean => succeeds(() => onHost('nfs-ls', 'nfs://127.0.0.1/export?version=4'));
  const listsShares = (): boolean => succeeds(() => onHost('smbclient', '-N', '-L', '127.0.0.1'));
  /** Path on the host's disk of what its processes see elsewhere. */
  const behind = (path: string): string => join(host.root, path.slice(HOST_ROOT.length));
  const runs = (pidFile: string): boolean =>
    existsSync(behind(pidFile)) && existsSync(`/proc/${parseInt(readFileSync(behind(pidFile), 'utf8'), 10)}`);

  it('answers, and every process is the one of its pid file', () => {
    expect([listsExport(), listsShares()]).toEqual([true, true]);
    expect([NFS_PID_FILE, SMB_PID_FILE, DATABASE_PID_FILE].filter((file) => !runs(file))).toEqual([]);
  });

  it('shows the processes of the host what is mounted when they run already', async () => {
    const script = `while sleep 0.05; do grep -c ' ${HOST_ROOT}/' /proc/self/mountinfo >&2; done`;
    const watcher = host.run('watcher', ['sh', '-c', script]);
    const last = (): number => Number(watcher.log().trim().split('\n').at(-1));
    await waitFor('both mounts', () => last() === 2, 3_000);
    services.disk.unmount();
    await waitFor('one mount', () => last() === 1, 3_000);
    services.disk.mount();
    await waitFor('both mounts', () => last() === 2, 3_000);
    await watcher.kill();
  });

  it('hangs, refuses and answers wrongly, each until it is healed', async () => {
    const resume = await services.smb.pause();
    expect(listsShares()).toBe(false);
    resume();
    expect(listsShares()).toBe(true);
    const accept = services.smb.refuse();
    expect(listsShares()).toBe(false);
    accept();
    expect(listsShares()).toBe(true);
    const answerWrongly = await services.nfs.prepareWrongAnswer();
    expect(listsExport()).toBe(true);
    const answerRightly = answerWrongly();
    expect(listsExport()).toBe(false);
    await answerRightly();
    expect(listsExport()).toBe(true);
  }, 30_000);

  it('has a disk that fills up and a mount that hangs', async () => {
    const write = (path: string): boolean => succeeds(() => writeFileSync(join(behind(path), 'file'), 'text'));
    const empty = services.disk.fill();
    expect(write(DISK_PATH)).toBe(false);
    empty();
    expect(write(DISK_PATH)).toBe(true);
    const thaw = await services.exported.hang();
    const looking = host.run('look', ['ls', EXPORT_PATH]);
    await sleep(300);
    expect(looking.running).toBe(true);
    thaw();
    await waitFor('the answer', () => !looking.running, 2_000);
  });

  it('goes with the power of the host, and comes back with it', async () => {
    const pids = [NFS_PID_FILE, SMB_PID_FILE].map((file) => parseInt(readFileSync(behind(file), 'utf8'), 10));
    await host.powerOff();
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(behind(EXPORT_PATH));
    host.powerOn();
    await services.up();
    expect([listsExport(), listsShares()]).toEqual([true, true]);
    await host.shutDown();
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(behind(DISK_PATH));
    host.powerOn();
    await services.up();
    expect([listsExport(), listsShares()]).toEqual([true, true]);
  }, 60_000);
});

function succeeds(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}
