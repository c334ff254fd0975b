import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { CheckFiles } from './check-files.ts';

const signal = new AbortController().signal;

describe('programs that checks may run', () => {
  const root = mkdtempSync(join(tmpdir(), 'vippool-check-files-'));
  const checks = join(root, 'checks');
  const more = join(root, 'more');
  const clock = new VirtualClock();
  const files = new CheckFiles([checks, `${more}/`], clock);
  const program = (path: string, mode = 0o755): string => {
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, mode);
    return path;
  };

  beforeAll(() => {
    for (const directory of [checks, more, join(checks, 'events'), join(checks, 'empty')]) mkdirSync(directory);
    program(join(checks, 'app.sh'));
    program(join(checks, 'plain'), 0o644);
    program(join(root, 'outside'));
    program(join(more, 'other'));
    for (const name of ['20-disk', '10-net', '.hidden']) program(join(checks, 'events', name));
    program(join(checks, 'events', '15-off'), 0o644);
    symlinkSync(join(root, 'outside'), join(checks, 'link-out'));
    symlinkSync(join(more, 'other'), join(checks, 'link-over'));
    symlinkSync('app.sh', join(checks, 'link'));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it.each(['app.sh', 'link', 'link-over', './events/10-net', '../more/other'])('may run %s', async (path) => {
    expect(await files.program(`${checks}/${path}`, signal)).toBe(true);
  });

  it.each([
    ['nothing', /nothing does not exist on this host: mount it below .*checks or .*more$/],
    ['app.sh/deeper', /does not exist on this host/],
    ['plain', /plain is not executable on this host: set its mode to 0755/],
    ['events', /events is no file/],
    ['link-out', /link-out is a link to .*outside, which is not below/],
    ['../outside', /outside is not below .*: mount it there/],
    ['../checks-evil/x', /is not below/],
  ])('may not run %s', async (path, reason) => {
    await expect(files.program(`${checks}/${path}`, signal)).rejects.toThrow(reason);
  });

  it.each(['app.sh', ''])('may not run "%s", which is not absolute', async (path) => {
    await expect(files.program(path, signal)).rejects.toThrow('is no absolute path: write one below');
  });

  it('finds the programs of a directory in order', async () => {
    const events = join(checks, 'events');
    expect(await files.programs(events, signal)).toEqual([join(events, '10-net'), join(events, '20-disk')]);
    expect(await files.programs(more, signal)).toEqual([join(more, 'other')]);
  });

  it.each([
    ['empty', /empty has no executable files on this host/],
    ['missing', /missing does not exist on this host: mount it below/],
    ['app.sh', /app.sh is no directory/],
  ])('finds none in %s', async (path, reason) => {
    await expect(files.programs(join(checks, path), signal)).rejects.toThrow(reason);
  });

  it('believes for 10 s that a program may be run, unless that is doubted', async () => {
    const path = program(join(checks, 'passing'));
    const may = (): Promise<boolean> => files.program(path, signal);
    expect(await may()).toBe(true);
    chmodSync(path, 0o644);
    await clock.advance(9_999);
    expect(await may()).toBe(true);
    await clock.advance(1);
    await expect(may()).rejects.toThrow('is not executable');
    chmodSync(path, 0o755);
    expect(await may()).toBe(true);
    rmSync(path);
    files.doubt(path);
    await expect(may()).rejects.toThrow('does not exist');
  });

  it('believes as long what is in a directory', async () => {
    const directory = join(checks, 'changing');
    mkdirSync(directory);
    const [one, two] = [program(join(directory, 'one')), join(directory, 'two')];
    expect(await files.programs(directory, signal)).toEqual([one]);
    program(two);
    await clock.advance(9_999);
    expect(await files.programs(directory, signal)).toEqual([one]);
    await clock.advance(1);
    expect(await files.programs(directory, signal)).toEqual([one, two]);
    chmodSync(one, 0o644);
    files.doubt(directory);
    expect(await files.programs(directory, signal)).toEqual([two]);
  });

  it('says so where the agent may run none at all', async () => {
    await expect(new CheckFiles([], clock).program('/bin/true', signal)).rejects.toThrow('this agent has none');
  });

  it('does not wait once it is told to stop', async () => {
    expect(await files.program(join(checks, 'app.sh'), AbortSignal.abort())).toBe(false);
  });
});
