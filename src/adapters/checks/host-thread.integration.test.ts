import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import { eventually } from '../../testing/eventually.ts';
import { describeWith, missingLinux, missingRoot } from '../../testing/requirements.ts';
import { HostThread } from './host-thread.ts';
import { closeFile, openProcess } from './sys.ts';

/** State letters of the children of this process: "Z" is a zombie. */
const childStates = (): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [state = '', parent] = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '').split(' ');
        return Number(parent) === process.pid ? [state] : [];
      } catch {
        return [];
      }
    });

function commandOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return undefined;
  }
}

function targetOfLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

describeWith(missingLinux(), 'the thread that looks after processes', () => {
  const thread = new HostThread();
  const sh = (text: string, environment: readonly string[] = []) =>
    thread.spawn(['/bin/sh', '-c', text], ['PATH=/usr/bin:/bin', ...environment]);

  /** The thread looks for orphans whenever it has something to do. */
  const states = async () => {
    await sh('true').ended;
    return childStates();
  };

  // On a busy machine an orphan is waited for a while.
  const ORPHANS_MS = 10_000;
  // Nothing is left of a test, not even a zombie.
  afterEach(() => eventually(states, (left) => left.length === 0, ORPHANS_MS), 2 * ORPHANS_MS);
  afterAll(() => thread.stop());

  it('tells the exit code and what was printed on both outputs, in order', async () => {
    const { ended } = sh('echo one; echo "two $WHO" >&2; exit 3', ['WHO=me']);
    expect(await ended).toEqual({ kind: 'ended', code: 3, signal: undefined, output: 'one\ntwo me\n', flooded: false });
  });

  it('tells the signal that ended a program', async () => {
    expect(await sh('kill -SEGV $$').ended).toMatchObject({ code: undefined, signal: 11 });
  });

  it('tells why a program could not be started', async () => {
    const { ended } = thread.spawn(['/nothing/here'], []);
    expect(await ended).toEqual({ kind: 'failed', reason: 'posix_spawn: ENOENT' });
  });

  it('gives a program a session of its own, its start as input, and signals as usual', async () => {
    const { ended } = sh(
      'cut -d" " -f5,6 /proc/self/stat | tr " " "\\n" | uniq | wc -l; grep -E "^Sig(Blk|Ign)" /proc/self/status; cat',
    );
    const report = await ended;
    // The libc keeps two signals for itself, 32 and 33.
    expect(report).toMatchObject({
      output: expect.stringMatching(/^1\nSigBlk:\t0+\nSigIgn:\t0000000[01][08]0000000\n\n$/),
    });
  });

  it('signals the whole group', async () => {
    const marker = join(mkdtempSync(join(tmpdir(), 'vippool-checks-')), 'ready');
    const program = sh(
      `trap "" TERM; for i in 1 2; do (trap - TERM; : >${marker}$i; exec sleep 60) & done; wait; echo no more`,
    );
    await eventually(() => existsSync(`${marker}1`) && existsSync(`${marker}2`), Boolean);
    program.signal(15);
    // The sleepers end by the signal, the shell ignores it and goes on.
    expect(await program.ended).toMatchObject({ code: 0, output: 'no more\n' });
  });

  it('kills what a program leaves behind, and reaps it', async () => {
    const { ended } = sh('sleep 4711 & echo $!');
    const report = await ended;
    expect(report).toMatchObject({ code: 0 });
    const pid = report.kind === 'ended' ? report.output.trim() : '';
    await eventually(
      () => readdirSync('/proc').includes(pid),
      (there) => !there,
    );
    expect(childStates()).toEqual([]);
  });

  it('does not wait for whoever keeps the output open', async () => {
    const begun = performance.now();
    expect(await sh('setsid sleep 1 & sleep 0.1; echo done').ended).toMatchObject({ code: 0, output: 'done\n' });
    expect(performance.now() - begun).toBeLessThan(500);
  });

  it('reaps what escaped from its group', async () => {
    await sh('setsid sleep 1 & sleep 0.4; echo done').ended;
    await eventually(childStates, (states) => states.includes('Z'));
    await eventually(states, (left) => left.length === 0, ORPHANS_MS);
  }, 20_000);

  it('keeps the end of the output, and kills a program that floods it', async () => {
    const report = await sh('head -c 100000 /dev/zero | tr "\\0" a; echo; echo last').ended;
    expect(report).toMatchObject({ code: 0, flooded: false, output: expect.stringMatching(/^a+\nlast\n$/) });
    expect(report.kind === 'ended' ? report.output.length : 0).toBe(1_024);
    expect(await sh('yes flood').ended).toMatchObject({ flooded: true, signal: 9 });
  });

  it('notices the end of a process that is no child, at once', async () => {
    const child = spawn('sh', ['-c', 'sleep 1000 & echo $!; wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    const file = openProcess(pid);
    const ends: number[] = [];
    const cancel = thread.watch(file, () => ends.push(performance.now()));
    const never = thread.watch(file, () => ends.push(0));
    never();
    await sh('true').ended;
    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    await eventually(
      () => ends.length,
      (count) => count > 0,
    );
    expect(ends).toHaveLength(1);
    expect((ends[0] ?? 0) - killedAt).toBeLessThan(50);
    cancel();
    closeFile(file);
    child.kill('SIGKILL');
  });

  it('leaves no file open', async () => {
    // Other threads of the test runner open and close files of their own, so only what belongs to programs counts.
    const openFiles = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => /^pipe:|pidfd/.test(targetOfLink(`/proc/self/fd/${fd}`))).length;
    await sh('true').ended;
    const before = openFiles();
    await Promise.all(Array.from({ length: 20 }, () => sh('echo x; sleep 0.05').ended));
    await thread.spawn(['/nothing'], []).ended;
    await eventually(openFiles, (open) => open <= before);
  });

  it('starts again after a stop', async () => {
    const open = sh('sleep 100');
    await thread.stop();
    expect(await open.ended).toMatchObject({ kind: 'ended', signal: 9 });
    expect(await sh('echo again').ended).toMatchObject({ output: 'again\n' });
  });

  it('does not keep a process from ending', async () => {
    const url = JSON.stringify(new URL('host-thread.ts', import.meta.url).href);
    for (const end of ['', 'process.exit(0)', 'throw new Error()']) {
      const program = `import { HostThread } from ${url};
        const thread = new HostThread();
        const alive = setInterval(() => {}, 1000);
        const { kind } = await thread.spawn(['/bin/true'], []).ended;
        thread.spawn(['/bin/sleep', '4712'], []);
        await new Promise((resolve) => setTimeout(resolve, 50));
        clearInterval(alive);
        console.log(kind);
        ${end}`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [[code], [said]] = (await Promise.all([once(child, 'exit'), once(child.stdout, 'data')])) as [
        [number],
        [Buffer],
      ];
      expect([code, said.toString()]).toEqual([end.startsWith('throw') ? 1 : 0, 'ended\n']);
    }
    const left = readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && commandOf(pid) === '/bin/sleep\u00004712\u0000',
    );
    expect(left).toEqual([]);
  });
});

describeWith(missingLinux() ?? missingRoot(), 'programs of an agent in real time', () => {
  it.each([
    ['before', 'realtime.start(() => {}); await first();'],
    ['after', 'await first(); realtime.start(() => {});'],
  ])('are scheduled normally when it became so %s the thread started', async (_, body) => {
    const moduleAt = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const program = `
      import { HostThread } from ${moduleAt('host-thread.ts')};
      import { Realtime } from ${moduleAt('../linux/realtime.ts')};
      import { systemClock } from ${moduleAt('../system/system-clock.ts')};
      const realtime = new Realtime('on', systemClock);
      const thread = new HostThread();
      const alive = setInterval(() => {}, 1000);
      const first = () => thread.spawn(['/bin/true'], []).ended;
      ${body}
      const { output, reason } = await thread.spawn(['/usr/bin/cut', '-d ', '-f40,41', '/proc/self/stat'], []).ended;
      console.log(realtime.capability.active, output ?? reason);
      clearInterval(alive); realtime.stop(); await thread.stop();`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    expect(said.toString().trim()).toBe('true 0 0');
  });
});
