import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import type { CheckRun } from '../../core/checks.ts';
import { checkOf, contextOf } from '../../testing/check-context.ts';
import { documentedProbe, documentedShell } from '../../testing/documented-checks.ts';
import { eventually } from '../../testing/eventually.ts';
import { realClock, realRandom } from '../../testing/real-time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { describeWith, missingLinux } from '../../testing/requirements.ts';
import { ScriptedProbe } from '../../testing/scripted-probe.ts';
import { ScheduledCheckRunner } from './check-runner.ts';
import { hostProbes } from './host-probes.ts';
import { ownMemoryLimit, programMemoryKib } from './program-memory.ts';

describeWith(missingLinux(), 'programs as checks', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vippool-programs-'));
  const { probes, programs, stop } = hostProbes([directory], realClock);
  const script = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const exec = (command: readonly string[], timeoutMs = 2_000) =>
    probes.exec.run({ type: 'exec', command }, contextOf({ timeoutMs }), AbortSignal.timeout(timeoutMs));
  const scripts = (name: string) =>
    probes.scripts.run({ type: 'scripts', directory: join(directory, name) }, contextOf(), AbortSignal.timeout(2_000));

  afterEach(() =>
    eventually(
      () => programs.running,
      (running) => running === 0,
    ),
  );
  afterAll(async () => {
    await stop();
    rmSync(directory, { recursive: true });
  });

  it('are good when they end with 0, and say why with their last line', async () => {
    expect(await exec([script('good', 'echo first; echo all is well')])).toEqual({
      ok: true,
      output: 'all is well',
      certain: false,
    });
    expect(await exec([script('bad', 'echo no database >&2; exit 7')])).toEqual({
      ok: false,
      output: 'exit code 7: no database',
      certain: false,
    });
    expect((await exec([script('crash', 'kill -ABRT $$')])).output).toBe('ended by SIGABRT');
  });

  it('are written as documented, for checks of both types', async () => {
    const { command } = documentedProbe('exec');
    const documented = documentedProbe('scripts').directory;
    const here = (path: string): string => path.replace('/checks', directory);
    const [program = '', ...args] = command;
    const queue = join(directory, 'queue-length');
    mkdirSync(here(documented));
    for (const path of [program, join(documented, '10.app')]) {
      writeFileSync(here(path), documentedShell(`# ${program}:`).replace('/run/app/queue-length', queue));
      chmodSync(here(path), 0o755);
    }
    const both = async (): Promise<string[]> => [
      (await exec([here(program), ...args])).output,
      (await scripts(basename(documented))).output,
    ];
    const fails = (text: string): string[] => ['', '10.app: '].map((file) => `${file}exit code 1: ${text}`);
    expect(await both()).toEqual(fails('no queue'));
    writeFileSync(queue, '17\n');
    expect(await both()).toEqual(['queue has 17 entries', '1 script ended well']);
    writeFileSync(queue, '1000\n');
    expect(await both()).toEqual(fails('queue has 1000 entries'));
  });

  it('get their arguments untouched, and nothing of the environment of the agent', async () => {
    process.env['VIPPOOL_SECRET'] = 'secret';
    const path = script(
      'told',
      `printf '%s|' "$@" >>${directory}/args; env | grep -v ^_= | sort >${directory}/env; pwd`,
    );
    expect((await exec([path, 'a b', '$(id)', '', '*'])).output).toBe('/');
    expect(readFileSync(join(directory, 'args'), 'utf8')).toBe('a b|$(id)||*|');
    expect(readFileSync(join(directory, 'env'), 'utf8').trim().split('\n')).toEqual([
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'PWD=/',
      'VIPPOOL_CHECK=app',
      'VIPPOOL_NODE=node-a',
      'VIPPOOL_POOL=web',
      'VIPPOOL_ROLE=holder',
      'VIPPOOL_TIMEOUT_MS=2000',
      'VIPPOOL_VIPS=192.0.2.1 2001:db8::1',
    ]);
  });

  it('fail clearly where they are not there or cannot be loaded', async () => {
    const missing = join(directory, 'missing');
    expect((await exec([missing])).output).toBe(`${missing} does not exist on this host: mount it below ${directory}`);
    writeFileSync(join(directory, 'alien'), '#!/no/such/interpreter\n', { mode: 0o755 });
    expect((await exec([join(directory, 'alien')])).output).toMatch(/^exit code 12[67]: .*alien/);
    expect((await exec(['/bin/true'])).output).toContain('is not below');
    expect((await exec([])).output).toContain('is no absolute path');
    expect((await exec([script('nul', 'exit 0'), 'a\u0000b'])).output).toContain('holds a NUL');
  });

  it('end in time, with all of their children, whatever they ignore', async () => {
    const path = script(
      'stubborn',
      `trap '' TERM; sh -c 'trap "" TERM; echo $$ >${directory}/pid; while :; do sleep 1; done' & echo waiting; wait`,
    );
    const begun = performance.now();
    const outcome = await exec([path], 300);
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(outcome).toEqual({ ok: false, output: 'no answer within 300 ms: waiting', certain: false });
    const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'));
    await eventually(
      () => alive(pid),
      (there) => !there,
    );
  });

  it('cannot flood the agent', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const outcome = await exec([script('flood', 'exec head -c 1G /dev/zero')]);
    delay.disable();
    expect(outcome.output).toBe('killed, since it printed more than 1 MiB');
    expect(delay.percentile(99) / 1e6).toBeLessThan(50);
  });

  it('cannot take all of the memory', async () => {
    const outcome = await exec([script('hog', 'dd if=/dev/zero of=/dev/null bs=1G count=1 2>&1')]);
    expect(outcome.output).toMatch(/^exit code 1: dd: memory exhausted/);
  });

  it('are limited in memory, and leave no core', async () => {
    expect((await exec([script('limits', 'echo "$(ulimit -c) $(ulimit -d)"')])).output).toBe(
      `0 ${programMemoryKib(ownMemoryLimit())}`,
    );
  });

  it('in a directory are run in order, as an event script of CTDB would be, until one fails', async () => {
    mkdirSync(join(directory, 'events'));
    const log = `echo "$0 $*" >>${directory}/calls`;
    script('events/10.net', log);
    script('events/20.disk', `${log}\necho disk is broken; exit 1`);
    script('events/30.never', log);
    expect(await scripts('events')).toMatchObject({ ok: false, output: '20.disk: exit code 1: disk is broken' });
    const calls = ['10.net', '20.disk'].map((name) => `${directory}/events/${name} monitor\n`);
    expect(readFileSync(join(directory, 'calls'), 'utf8')).toBe(calls.join(''));
    script('events/20.disk', log);
    expect(await scripts('events')).toMatchObject({ ok: true, output: '3 scripts ended well' });
    // Disabled as CTDB does it, or gone, since the directory was looked at.
    chmodSync(join(directory, 'events/20.disk'), 0o644);
    rmSync(join(directory, 'events/30.never'));
    expect(await scripts('events')).toMatchObject({ ok: true, output: '1 script ended well' });
    expect((await scripts('nowhere')).output).toContain('nowhere does not exist on this host');
  });

  it('delay neither the agent nor one another when 20 of them hang', async () => {
    const hang = script('hang', `trap '' TERM; while :; do sleep 1; done`);
    const quick = script('quick', 'exit 0');
    const other = new ScriptedProbe(realClock);
    const runner = new ScheduledCheckRunner({
      probes: { ...other.asProbes(), ...probes },
      clock: realClock,
      random: realRandom,
      log: new RecordedPorts().log,
      node: 'node-a',
    });
    const runs: CheckRun[] = [];
    const times = { intervalMs: 500, timeoutMs: 400 };
    runner.setChecks([
      ...Array.from({ length: 20 }, (_, index) => checkOf(`hang ${index}`, { type: 'exec', command: [hang] }, times)),
      checkOf('quick', { type: 'exec', command: [quick] }, times),
      checkOf('tcp', { type: 'tcp', host: '127.0.0.1', port: 1 }, times),
    ]);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    runner.start((run) => runs.push(run));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    delay.disable();
    await runner.stop();
    const of = (name: string) => runs.filter((run) => run.name.startsWith(name));
    expect(of('quick').every(({ ok }) => ok)).toBe(true);
    expect(of('quick').length).toBeGreaterThanOrEqual(5);
    expect(of('tcp').length).toBeGreaterThanOrEqual(5);
    expect(of('hang').some(({ ok }) => ok)).toBe(false);
    expect(of('hang').length).toBeGreaterThanOrEqual(80);
    expect(delay.percentile(99) / 1e6).toBeLessThan(50);
  }, 15_000);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
