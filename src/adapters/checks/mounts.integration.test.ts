import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { contextOf } from '../../testing/check-context.ts';
import { documentedProbe } from '../../testing/documented-checks.ts';
import { eventually } from '../../testing/eventually.ts';
import { realClock } from '../../testing/real-time.ts';
import { describeWith, firstMissing, missingLinux, missingProgram, missingRoot } from '../../testing/requirements.ts';
import { hostProbes } from './host-probes.ts';

const missingFuse = (): string | undefined =>
  firstMissing(missingLinux(), missingRoot(), missingProgram('bindfs', 'bindfs'));

function missingLoop(): string | undefined {
  const basic = firstMissing(
    missingLinux(),
    missingRoot(),
    missingProgram('mkfs.ext4', 'e2fsprogs'),
    missingProgram('losetup', 'mount'),
  );
  if (basic !== undefined) return basic;
  return spawnSync('losetup', ['--find']).status === 0 ? undefined : 'needs loop devices, which this machine refuses';
}

const newDirectory = (): string => mkdtempSync(join(tmpdir(), 'vippool-mounts-'));

describeWith(missingFuse(), 'a mounted file system in user space', () => {
  const directory = newDirectory();
  const [data, path] = [join(directory, 'data'), join(directory, 'two words')];
  const { probes, programs, stop } = hostProbes([], realClock);
  let daemon: ChildProcess;
  const look = (change: { readonly fsType?: string; readonly writable?: boolean } = {}, timeoutMs = 2_000) =>
    probes.mount.run(
      { type: 'mount', path, fsType: '', writable: true, ...change },
      contextOf({ timeoutMs }),
      AbortSignal.timeout(timeoutMs),
    );

  beforeAll(async () => {
    for (const name of [data, path]) mkdirSync(name);
    daemon = spawn('bindfs', ['-f', data, path], { stdio: 'ignore' });
    await eventually(
      () => readFileSync('/proc/mounts', 'utf8'),
      (mounts) => mounts.includes('two\\040words'),
    );
  });
  afterAll(async () => {
    daemon.kill('SIGCONT');
    daemon.kill('SIGKILL');
    spawnSync('umount', ['--lazy', path]);
    await stop();
    rmSync(directory, { recursive: true });
  });

  it('answers, and nothing is left of what was written', async () => {
    const outcome = await look();
    expect(outcome).toMatchObject({
      ok: true,
      output: expect.stringMatching(/two words \(fuse\) answers, \d+ % of it is free$/),
    });
    expect(readdirSync(data)).toEqual([]);
    expect(await look({ writable: false, fsType: 'fuse' })).toMatchObject({ ok: true });
  });

  it('is looked at as documented', async () => {
    const probe = documentedProbe('mount');
    const run = (fsType: string) =>
      probes.mount.run({ ...probe, path, fsType }, contextOf(), AbortSignal.timeout(2_000));
    expect(probe.writable).toBe(true);
    expect(await run('fuse')).toMatchObject({ ok: true });
    expect(await run(probe.fsType)).toMatchObject({ ok: false });
  });

  it('is of another type, or is no mount', async () => {
    expect((await look({ fsType: 'ext4' })).output).toMatch(/two words is fuse of .*, not ext4$/);
    const outcome = await probes.mount.run(
      { type: 'mount', path: data, fsType: '', writable: false },
      contextOf(),
      AbortSignal.timeout(1_000),
    );
    expect(outcome.output).toBe(`nothing is mounted on ${data}`);
  });

  it('is not led astray by a link in the place of the file that is written', async () => {
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'precious');
    const outcome = look();
    // As soon as the file is there, and before.
    for (const end = performance.now() + 20; performance.now() < end;) {
      for (const name of readdirSync(data)) {
        rmSync(join(data, name), { force: true });
        symlinkSync(victim, join(data, name));
      }
    }
    await outcome;
    for (const name of readdirSync(data)) rmSync(join(data, name));
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  it('hangs: each look ends in time, the agent is not delayed, and one process at most is stuck', async () => {
    daemon.kill('SIGSTOP');
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const begun = performance.now();
    const first = await look({}, 300);
    const others = await Promise.all([look({}, 300), look({ writable: false }, 300)]);
    expect(performance.now() - begun).toBeLessThan(2_500);
    delay.disable();
    expect(first.output).toMatch(/two words \(fuse\): (no answer within 300 ms|a program started \d+ ms ago hangs)/);
    expect(others.every(({ ok }) => !ok)).toBe(true);
    expect(programs.running).toBeLessThanOrEqual(1);
    expect(delay.percentile(99) / 1e6).toBeLessThan(50);
    // The threads of the process for file system calls are all free.
    await Promise.all(
      Array.from({ length: 8 }, () =>
        probes.device.run({ type: 'device', path: '/dev/none' }, contextOf(), AbortSignal.timeout(500)),
      ),
    ).then((outcomes) => expect(outcomes.every(({ output }) => output.includes('is no block device'))).toBe(true));
    daemon.kill('SIGCONT');
    await eventually(
      () => programs.running,
      (running) => running === 0,
    );
    expect(await look()).toMatchObject({ ok: true });
  }, 15_000);

  it('hangs with a pid file on it: others elsewhere are still read', async () => {
    const other = join(directory, 'pid');
    for (const file of [other, join(data, 'pid')]) writeFileSync(file, `${process.pid}\n`);
    const outcomeOf = (pidFile: string) =>
      probes.process.run(
        { type: 'process', process: '', pidFile },
        contextOf({ timeoutMs: 300 }),
        AbortSignal.timeout(300),
      );
    daemon.kill('SIGSTOP');
    const outcomes = await Promise.all([join(path, 'pid'), other].map(outcomeOf));
    daemon.kill('SIGCONT');
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, true]);
    expect(outcomes[0]?.output).toMatch(/two words\/pid cannot be read within 300 ms$/);
    await eventually(
      () => outcomeOf(join(path, 'pid')),
      ({ ok }) => ok,
    );
    rmSync(join(data, 'pid'));
  }, 15_000);

  it('is dead', async () => {
    daemon.kill('SIGKILL');
    await eventually(look, ({ ok }) => !ok);
    expect((await look()).output).toMatch(/exit code 1: .*Transport endpoint is not connected/);
  });
});

describeWith(missingLoop(), 'a file system on a loop device', () => {
  const directory = newDirectory();
  const path = join(directory, 'mnt');
  const image = join(directory, 'image');
  const { probes, stop } = hostProbes([], realClock);
  let loop = '';
  const mount = async (): Promise<string> => {
    const probe = { type: 'mount', path, fsType: 'ext4', writable: true } as const;
    const { ok, output } = await probes.mount.run(probe, contextOf(), AbortSignal.timeout(2_000));
    return `${ok ? 'ok' : 'failed'}: ${output}`;
  };
  const device = async (name = loop): Promise<string> => {
    const { output } = await probes.device.run({ type: 'device', path: name }, contextOf(), AbortSignal.timeout(2_000));
    return output;
  };

  beforeAll(() => {
    mkdirSync(path);
    execFileSync('truncate', ['--size', '16M', image]);
    execFileSync('mkfs.ext4', ['-q', image]);
    loop = execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim();
    execFileSync('mount', [loop, path]);
  });
  afterAll(async () => {
    spawnSync('umount', [path]);
    spawnSync('losetup', ['--detach', loop]);
    await stop();
    rmSync(directory, { recursive: true });
  });

  it('answers while it has space', async () => {
    expect(await mount()).toMatch(/^ok: .* \(ext4\) answers, \d+ % of it is free$/);
  });

  it('is full for users, then for root as well', async () => {
    const reserve = execFileSync('stat', ['-f', '-c', '%f %a', path], { encoding: 'utf8' }).split(' ').map(Number);
    const [all = 0, forUsers = 0] = reserve;
    expect(all).toBeGreaterThan(forUsers);
    spawnSync('dd', ['if=/dev/zero', `of=${path}/a`, 'bs=1024', `count=${forUsers}`]);
    expect(await mount()).toMatch(/^failed: .*: no space is left for anybody but root$/);
    spawnSync('dd', ['if=/dev/zero', `of=${path}/b`, 'bs=1024']);
    expect(await mount()).toMatch(/^failed: .*No space left on device$/);
    rmSync(`${path}/a`);
    rmSync(`${path}/b`);
    expect(await mount()).toMatch(/^ok/);
    expect(readdirSync(path)).toEqual(['lost+found']);
  });

  it('is read-only, and is gone', async () => {
    execFileSync('mount', ['-o', 'remount,ro', path]);
    expect(await mount()).toMatch(/^failed: .* is mounted read-only$/);
    execFileSync('umount', [path]);
    expect(await mount()).toBe(`failed: nothing is mounted on ${path}`);
  });

  it('lies on a device, which is there and is detached', async () => {
    expect(await device()).toBe(`${loop}, 0.0 GiB`);
    const link = join(directory, 'link');
    symlinkSync(loop, link);
    expect(await device(link)).toBe(`${link} (${loop.slice(5)}), 0.0 GiB`);
    execFileSync('losetup', ['--detach', loop]);
    expect(await eventually(device, (output) => !output.includes('GiB'))).toMatch(
      /has no size: nothing is attached$|is no block device on this host$/,
    );
    expect(await device('/dev/null')).toBe('/dev/null is no block device on this host');
  });
});
