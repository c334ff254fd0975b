import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';

/** What a process that logs this way leaves on stdout when it ends by itself. */
function linesOf(format: 'json' | 'pretty', code: string): string[] {
  const script = `
    import { WinstonLog } from ${JSON.stringify(new URL('winston-log.ts', import.meta.url).href)};
    import { OpError } from ${JSON.stringify(new URL('../../core/op-error.ts', import.meta.url).href)};
    const log = WinstonLog.create({ level: 'info', format: '${format}' }, { component: 'agent' });
    ${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect(stderr).toBe('');
  return stdout.split('\n').slice(0, -1);
}

const json = (code: string): Record<string, unknown>[] =>
  linesOf('json', code).map((line) => JSON.parse(line) as Record<string, unknown>);

test('a line has its time, level, message and fields, those of its parents too; debug is not shown', () => {
  const [line, ...more] = json(`
    log.log('debug', 'quiet');
    log.child({ node: 'a' }).child({ pool: 'nas' }).log('warn', 'bound', { vip: '192.0.2.1', count: 2 });`);
  expect(more).toEqual([]);
  expect(line).toEqual({
    ts: expect.stringMatching(/^\d{4}-.*Z$/),
    level: 'warn',
    message: 'bound',
    component: 'agent',
    node: 'a',
    pool: 'nas',
    vip: '192.0.2.1',
    count: 2,
  });
});

test('shows more or less as soon as it is told to, and so do all logs made of it', () => {
  const lines = json(`
    const child = log.child({ node: 'a' });
    log.show('debug');
    child.log('debug', 'one');
    log.show('warn');
    child.log('info', 'two');
    log.log('warn', 'three');`);
  expect(lines.map(({ message }) => message)).toEqual(['one', 'three']);
});

test('what is not shown is not made either', () => {
  const lines = json(`
    let made = 0;
    const costly = { toJSON: () => ++made };
    log.log('debug', 'quiet', { costly });
    log.child({ node: 'a' }).log('debug', 'quiet', { costly });
    log.show('debug');
    log.child({ node: 'a' }).log('debug', 'said', { costly });`);
  expect(lines).toMatchObject([{ message: 'said', costly: 1 }]);
});

test('an error keeps its message, code and causes; its stack where it is no OpError', () => {
  const [line] = json(`
    const cause = Object.assign(new Error('inner'), { code: 'E_INNER' });
    log.log('error', 'failed', { err: new OpError('Unavailable', 'outer', { cause }) });`);
  expect(line).toMatchObject({
    message: 'failed',
    err: {
      name: 'OpError',
      message: 'outer',
      code: 'Unavailable',
      cause: { name: 'Error', message: 'inner', code: 'E_INNER', stack: expect.stringContaining('at ') },
    },
  });
  expect(line?.['err']).not.toHaveProperty('stack');
});

test('fields named like those of the line stand beside them', () => {
  const [line] = json(`log.log('info', 'said', { message: 'm', level: 'l', ts: 't' });`);
  expect(line).toMatchObject({ message: 'said', level: 'info', message_: 'm', level_: 'l', ts_: 't' });
});

test.each(['json', 'pretty'] as const)('%s takes values that JSON does not', (format) => {
  const lines = linesOf(
    format,
    `const ring = {}; ring.self = ring;
     const error = new Error('round'); error.cause = error;
     log.log('info', 'odd', { big: 7n, ring, nothing: undefined, err: error, f: () => 1, s: Symbol('x') });
     log.log('info', 'after');`,
  );
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('7');
});

test('pretty is one line for people', () => {
  const [line] = linesOf('pretty', `log.log('info', 'bound', { vip: '192.0.2.1', list: [1, 2] });`);
  expect(line).toMatch(/^\S+Z info {2}bound component=agent vip=192\.0\.2\.1 list=\[ 1, 2 \]$/);
});

test('no line is lost when the process ends by itself', () => {
  const lines = json(`for (let i = 0; i < 20_000; i++) log.log('info', 'line', { i });`);
  expect(lines).toHaveLength(20_000);
  expect(lines.at(-1)).toMatchObject({ i: 19_999 });
});
