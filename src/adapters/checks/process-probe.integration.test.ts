import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import type { CheckRun } from '../../core/checks.ts';
import { checkOf } from '../../testing/check-context.ts';
import { documentedProbe } from '../../testing/documented-checks.ts';
import { eventually } from '../../testing/eventually.ts';
import { realClock, realRandom } from '../../testing/real-time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { describeWith, missingLinux } from '../../testing/requirements.ts';
import { ScriptedProbe } from '../../testing/scripted-probe.ts';
import { ScheduledCheckRunner } from './check-runner.ts';
import { type HostProbes, hostProbes } from './host-probes.ts';

describeWith(missingLinux(), 'a process', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vippool-process-'));
  const name = `vt${process.pid}`;
  const program = join(directory, name);
  const pidFile = join(directory, 'pid');
  copyFileSync('/bin/sleep', program);
  const started: ChildProcess[] = [];
  let runs: (CheckRun & { readonly at: number })[];
  let runner: ScheduledCheckRunner;
  let host: HostProbes;

  const start = async (file = program): Promise<ChildProcess> => {
    const child = spawn(file, ['1000'], { stdio: 'ignore' });
    started.push(child);
    await once(child, 'spawn');
    return child;
  };
  const end = async (child: ChildProcess | undefined): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const check = (probe: { readonly process?: string; readonly pidFile?: string }, intervalMs = 60_000): void =>
    runner.setChecks([checkOf('app', { type: 'process', process: '', pidFile: '', ...probe }, { intervalMs })]);
  const next = (count: number) =>
    eventually(
      () => runs.length,
      (length) => length >= count,
    );
  const texts = (): readonly string[] => runs.map(({ ok, output, certain }) => `${ok} ${certain} ${output}`);

  beforeEach(async () => {
    runs = [];
    host = hostProbes([], realClock);
    // The thread that notices ends takes some time to start.
    await host.programs.run('test', ['/bin/true'], [], AbortSignal.timeout(5_000));
    const probes = { ...new ScriptedProbe(realClock).asProbes(), ...host.probes };
    const log = new RecordedPorts().log;
    runner = new ScheduledCheckRunner({ probes, clock: realClock, random: realRandom, log, node: 'node-a' });
    runner.start((run) => runs.push({ ...run, at: performance.now() }));
  });
  afterEach(async () => {
    await runner.stop();
    await host.stop();
    for (const child of started.splice(0)) await end(child);
    rmSync(pidFile, { force: true });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is found by its name, and its end is a fact that is known at once', async () => {
    const child = await start();
    check({ process: name });
    await next(1);
    const killedAt = performance.now();
    child.kill('SIGKILL');
    await next(2);
    expect(texts()).toEqual([
      `true false process ${name} runs as ${child.pid}`,
      `false true process ${name} has ended`,
    ]);
    expect((runs[1]?.at ?? 0) - killedAt).toBeLessThan(50);
  });

  it('is found as documented', async () => {
    const probe = documentedProbe('process');
    const named = join(directory, probe.process);
    copyFileSync('/bin/sleep', named);
    await start(named);
    check(probe);
    await next(1);
    // Others of that name may run on this machine.
    expect(texts()[0]).toMatch(new RegExp(`^true false process ${probe.process} runs as \\d+`));
  });

  it('has others of its name, of which the last counts', async () => {
    const children = [await start(), await start(), await start()];
    check({ process: name });
    await next(1);
    expect(texts()[0]).toMatch(/ and 2 more$/);
    for (const [index, child] of children.entries()) {
      await end(child);
      await next(index + 2);
    }
    expect(runs.map(({ ok, certain }) => [ok, certain])).toEqual([
      [true, false],
      [true, false],
      [true, false],
      [false, true],
    ]);
  });

  it('was replaced at once by another: that is no end', async () => {
    const first = await start();
    check({ process: name });
    await next(1);
    const second = await start();
    await end(first);
    await next(2);
    expect(texts()[1]).toBe(`true false process ${name} runs as ${second.pid}`);
    await end(second);
    await next(3);
    expect(runs[2]).toMatchObject({ ok: false, certain: true });
  });

  it('is missing, and comes', async () => {
    check({ process: name }, 1_000);
    await next(1);
    expect(texts()).toEqual([`false false process ${name} does not run`]);
    await start();
    await eventually(() => runs.at(-1)?.ok, Boolean);
  });

  it('is a zombie, which does not run', async () => {
    const parent = spawn('sh', ['-c', `${program} 0 & exec sleep 1000`], { stdio: 'ignore' });
    started.push(parent);
    await new Promise((resolve) => setTimeout(resolve, 200));
    check({ process: name });
    await next(1);
    expect(texts()).toEqual([`false false process ${name} does not run`]);
  });

  it('is known by its pid file', async () => {
    check({ pidFile }, 1_000);
    await next(1);
    expect(texts()).toEqual([`false false ${pidFile} does not exist: the process does not run`]);
    writeFileSync(pidFile, 'none\n');
    await next(2);
    expect(texts()[1]).toBe(`false false ${pidFile} holds no process id`);
    const [, child] = [await start(), await start()];
    writeFileSync(pidFile, `${child.pid}\n`);
    await next(3);
    expect(texts()[2]).toBe(`true false process ${child.pid} of ${pidFile} runs`);
    const killedAt = performance.now();
    child.kill('SIGKILL');
    await next(4);
    expect(texts()[3]).toBe(`false true process ${child.pid} of ${pidFile} has ended`);
    expect((runs[3]?.at ?? 0) - killedAt).toBeLessThan(50);
  });

  it('removes its pid file and ends: an end all the same', async () => {
    const child = await start();
    writeFileSync(pidFile, `${child.pid}\n`);
    check({ pidFile });
    await next(1);
    rmSync(pidFile);
    await end(child);
    await next(2);
    expect(runs[1]).toMatchObject({ ok: false, certain: true });
  });

  it('of a pid file is another one by now', async () => {
    const other = spawn('sleep', ['1000'], { stdio: 'ignore' });
    started.push(other);
    writeFileSync(pidFile, `${other.pid}`);
    check({ pidFile, process: name });
    await next(1);
    expect(texts()).toEqual([`false false process ${other.pid} of ${pidFile} does not run`]);
  });
});
