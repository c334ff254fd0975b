import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StepResult } from '../context.ts';
import { catalog, FakeMachine } from '../fixture.ts';
import { fromRelease } from './release.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.dispose());

const get = (checksum: string, name = 'widget', minVersion = '1.2.0'): Promise<StepResult> =>
  fromRelease(machine.context({ catalog: catalog(checksum), connectTimeoutMs: 150, stallTimeoutMs: 150 }), {
    name,
    minVersion,
  });

/** Nothing of a refused download may be left where a later run would find it. */
const expectEmptyCache = (): void => {
  expect(existsSync(join(machine.cacheDir, 'widget'))).toBe(false);
  expect(readdirSync(join(machine.cacheDir, 'downloads'))).toEqual([]);
};

describe('a release', () => {
  it('is downloaded, checked and unpacked, once for all its programs', async () => {
    const { bytes, checksum } = machine.archive('2.0.0');
    const urls: (string | undefined)[] = [];
    await machine.serve((request, response) => {
      urls.push(request.url);
      response.end(bytes);
    });
    const path = join(machine.cacheDir, 'widget', '2.0.0', 'widget');
    expect(await get(checksum)).toEqual({
      kind: 'found',
      tool: { name: 'widget', path, version: '2.0.0', source: 'release' },
    });
    expect(await get(checksum, 'gadget')).toMatchObject({ kind: 'found', tool: { name: 'gadget' } });
    expect(urls).toEqual(['/kit/v2.0.0-amd64.tar.gz']);
    expect(machine.lines.join('\n')).toMatch(/downloading http.*\ndownloaded in \d+\.\d s/);
  });

  it('with another checksum than the pinned one is refused', async () => {
    const { bytes } = machine.archive('2.0.0');
    await machine.serve((_request, response) => response.end(bytes));
    expect(await get(`sha256:${'0'.repeat(64)}`)).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('checksum differs'),
    });
    expectEmptyCache();
  });

  it('that ends early is refused', async () => {
    const { bytes, checksum } = machine.archive('2.0.0');
    await machine.serve((_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 100), () => response.destroy());
    });
    expect((await get(checksum)).kind).toBe('none');
    expectEmptyCache();
  });

  it('that ends early without having announced its length is refused', async () => {
    const { bytes, checksum } = machine.archive('2.0.0');
    await machine.serve((_request, response) => response.end(bytes.subarray(0, 100)));
    expect(await get(checksum)).toMatchObject({ reason: expect.stringContaining('checksum differs') });
    expectEmptyCache();
  });

  it('that stands still is given up', async () => {
    const { bytes, checksum } = machine.archive('2.0.0');
    await machine.serve((_request, response) => void response.write(bytes.subarray(0, 100)));
    expect(await get(checksum)).toMatchObject({ reason: expect.stringContaining('nothing more came for 0.15 s') });
    expectEmptyCache();
  });

  it('that is not there says so', async () => {
    await machine.serve((_request, response) => response.writeHead(404).end());
    expect(await get('sha256:00')).toMatchObject({ reason: expect.stringContaining('HTTP status 404') });
  });

  it('is given up without an answer, and the server is not asked again', async () => {
    let asked = 0;
    await machine.serve(() => {
      asked++;
    });
    expect(await get('sha256:00')).toMatchObject({ reason: expect.stringContaining('no answer in 0.15 s') });
    expect(await get('sha256:00')).toMatchObject({ reason: expect.stringContaining('was not reachable') });
    expect(asked).toBe(1);
  });

  it('is given up without a connection', async () => {
    await machine.serve(() => undefined);
    const base = machine.env['VIPPOOL_TOOLS_BASE_URL'];
    await machine.dispose();
    machine = new FakeMachine();
    machine.env['VIPPOOL_TOOLS_BASE_URL'] = base ?? '';
    expect(await get('sha256:00')).toMatchObject({ reason: expect.stringContaining('ECONNREFUSED') });
  });

  it('is never asked for without a pinned checksum', async () => {
    const result = await fromRelease(machine.context({ arch: 'riscv64' }), { name: 'widget', minVersion: '1.2.0' });
    expect(result).toEqual({ kind: 'none', reason: 'no checksum is pinned for riscv64' });
  });

  it('that is too old for the request is never asked for', async () => {
    expect(await get('sha256:00', 'widget', '2.0.1')).toEqual({
      kind: 'none',
      reason: 'the pinned release 2.0.0 is older than 2.0.1',
    });
  });

  it('is not asked for when downloads are off', async () => {
    machine.env['VIPPOOL_TOOLS_BASE_URL'] = '';
    expect(await get('sha256:00')).toMatchObject({ reason: expect.stringContaining('downloads are off') });
  });
});
