import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

/** Lines of a process whose log level is changed while it runs. */
function linesOf(level: string, code: string): string[] {
  const script = `
    import { observability } from ${JSON.stringify(new URL('observability.ts', import.meta.url).href)};
    const config = { logLevel: '${level}', logFormat: 'json', metricsListen: undefined };
    const { log, logLevel, toggleDebug, close } = observability(config, { component: 'test' });
    ${code}
    await close();`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const lines = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, string | number | undefined>);
  return lines.map(({ message, from, to, repeated }) =>
    [message, from && `${from} -> ${to}`, repeated].filter((part) => part !== undefined).join(' '),
  );
}

test('a signal shows debug lines, and the next one hides them again', () => {
  const code = `
    process.on('SIGUSR2', toggleDebug);
    // A handler of a signal alone keeps no process alive.
    const alive = setInterval(() => undefined, 1_000);
    const signalled = () => new Promise((resolve) => {
      process.once('SIGUSR2', () => setImmediate(resolve));
      process.kill(process.pid, 'SIGUSR2');
    });
    log.log('debug', 'one');
    await signalled();
    log.log('debug', 'two');
    await signalled();
    log.log('debug', 'three');
    clearInterval(alive);`;
  expect(linesOf('info', code)).toEqual(['log level changes info -> debug', 'two', 'log level changes debug -> info']);
});

test('what a NodeHealth asks for is shown, and then what the configuration says again', () => {
  const code = `
    logLevel('debug');
    log.log('debug', 'one');
    logLevel(undefined);
    log.log('info', 'two');
    log.log('warn', 'three');`;
  expect(linesOf('warn', code)).toEqual([
    'log level changes warn -> debug',
    'one',
    'log level changes debug -> warn',
    'three',
  ]);
});

test('repetitions are counted, the last ones when the process ends', () => {
  expect(linesOf('info', `for (let i = 0; i < 20; i++) log.log('warn', 'away', { i });`)).toEqual([
    ...Array.from({ length: 10 }, () => 'away'),
    'away 10',
  ]);
});
