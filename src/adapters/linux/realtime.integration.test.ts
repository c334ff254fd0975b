import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { describeWith, missingLinux, missingRoot } from '../../testing/requirements.ts';

const moduleAt = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));

/** Runs a program that has a Realtime `realtime` and the policies of its threads `policies()`; what it prints. */
async function run(mode: string, body: string, prefix: readonly string[] = []): Promise<string> {
  const program = `
    import { execFileSync } from 'node:child_process';
    import { readdirSync, readFileSync } from 'node:fs';
    import { Realtime } from ${moduleAt('realtime.ts')};
    import { systemClock } from ${moduleAt('../system/system-clock.ts')};
    const policyOf = (path) => readFileSync(path, 'utf8').split(') ')[1].split(' ')[38];
    const policies = () => [...new Set(readdirSync('/proc/self/task').map((id) => policyOf('/proc/self/task/' + id + '/stat')))];
    const realtime = new Realtime(${JSON.stringify(mode)}, systemClock);
    ${body}`;
  const child = spawn('env', [...prefix, process.execPath, '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  return said.trim();
}

const PRINT = `console.log(JSON.stringify([policies(), realtime.capability.active])); realtime.stop();`;

describeWith(missingLinux() ?? missingRoot(), 'real-time scheduling', () => {
  test('covers every thread, and no child', async () => {
    const child = `const child = execFileSync('cat', ['/proc/self/stat'], { encoding: 'utf8' }).split(') ')[1].split(' ')[38];`;
    const said = await run('auto', `realtime.start(() => {}); ${child} console.log(child); ${PRINT}`);
    expect(said.split('\n')).toEqual(['0', '[["2"],true]']);
  });

  test('is off where nobody wants it', async () => {
    expect(await run('off', `realtime.start(() => {}); ${PRINT}`)).toBe('[["0"],false]');
  });

  test('is given up by a process that does nothing but spin', async () => {
    const spin = `realtime.start(() => { ${PRINT} stopped = true; });
      let stopped = false;
      const turn = () => { const end = performance.now() + 50; while (performance.now() < end); if (!stopped) setImmediate(turn); };
      turn();`;
    expect(await run('auto', spin)).toBe('[["0"],false]');
  });

  test.each([
    ['auto', 'off', `realtime.start(() => {}); console.log(realtime.capability.message); ${PRINT}`],
    ['on', 'auto', `try { realtime.start(() => {}); } catch (error) { console.log(error.message); } ${PRINT}`],
  ])('%s: a refusal says what to grant, or to write %s', async (mode, instead, body) => {
    const said = await run(mode, body, ['setpriv', '--bounding-set', '-sys_nice', '--inh-caps', '-sys_nice']);
    expect(said).toContain(`grant CAP_SYS_NICE and a real-time budget, or write --realtime ${instead}`);
    expect(said).toContain('[["0"],false]');
  });
});
