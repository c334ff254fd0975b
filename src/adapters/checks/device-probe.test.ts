import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contextOf } from '../../testing/check-context.ts';
import { documentedProbe } from '../../testing/documented-checks.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { DeviceProbeRunner } from './device-probe.ts';

const context = contextOf();

describe('a block device, by what the kernel tells in /sys', () => {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'vippool-sys-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  /** Files below /sys/devices/DIRECTORY, as recorded, and the link in /sys/class/block. */
  const device = (directory: string, files: Readonly<Record<string, string>>, slaves: readonly string[] = []): void => {
    const path = join(root, 'sys/devices', directory);
    for (const [name, text] of Object.entries({ size: '7814037168', ro: '0', ...files })) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), `${text}\n`);
    }
    const name = directory.split('/').at(-1) ?? '';
    mkdirSync(join(root, 'sys/class/block'), { recursive: true });
    symlinkSync(path, join(root, 'sys/class/block', name));
    mkdirSync(join(path, 'slaves'));
    for (const slave of slaves) symlinkSync(join(root, 'sys/class/block', slave), join(path, 'slaves', slave));
  };
  const disks = (states: Readonly<Record<string, string>>): void => {
    for (const [name, state] of Object.entries(states)) device(name, { 'device/state': state });
  };
  const look = async (path: string): Promise<readonly [boolean, string]> => {
    const { ok, output } = await new DeviceProbeRunner(new VirtualClock(), root).run(
      { type: 'device', path },
      context,
      signal,
    );
    return [ok, output];
  };
  /** What one check says, a second later each time. */
  const looking = (): ((path: string) => Promise<string>) => {
    const clock = new VirtualClock();
    const runner = new DeviceProbeRunner(clock, root);
    return async (path) => {
      await clock.advance(1_000);
      return (await runner.run({ type: 'device', path }, context, signal)).output;
    };
  };
  const signal = new AbortController().signal;
  const array = (files: Readonly<Record<string, string>>, slaves = ['sda', 'sdb']): void =>
    device(
      'md0',
      { 'md/array_state': 'active', 'md/degraded': '0', 'md/level': 'raid1', 'md/raid_disks': '2', ...files },
      slaves,
    );

  it.each([
    ['running', [true, '/dev/sda, 3726.0 GiB']],
    ['live', [true, '/dev/sda, 3726.0 GiB']],
    ['offline', [false, '/dev/sda: sda is offline']],
    ['transport-offline', [false, '/dev/sda: sda is transport-offline']],
    ['blocked', [false, '/dev/sda: sda is blocked']],
  ])('a disk that is %s', async (state, expected) => {
    disks({ sda: state });
    expect(await look('/dev/sda')).toEqual(expected);
  });

  it('a partition is as well as its disk', async () => {
    disks({ sda: 'offline' });
    device('sda/sda1', { partition: '1' });
    expect(await look('/dev/sda1')).toEqual([false, '/dev/sda1: sda is offline']);
  });

  it('nothing, nothing attached, and what is no device', async () => {
    device('loop0', { size: '0' });
    expect(await look('/dev/loop0')).toEqual([false, '/dev/loop0 has no size: nothing is attached']);
    expect(await look('/dev/sdz')).toEqual([false, '/dev/sdz is no block device on this host']);
    writeFileSync(join(root, 'file'), '');
    expect(await look('/file')).toEqual([false, '/file is no block device on this host']);
  });

  it('a device that cannot be written says so', async () => {
    device('vda', { ro: '1' });
    expect(await look('/dev/vda')).toEqual([true, '/dev/vda, 3726.0 GiB, read-only']);
  });

  it.each([
    [{}, [true, '/dev/md0, raid1, 3726.0 GiB']],
    [{ 'md/array_state': 'read-auto' }, [true, '/dev/md0, raid1, 3726.0 GiB']],
    [{ 'md/array_state': 'inactive' }, [false, '/dev/md0: md0 is inactive']],
    [{ 'md/array_state': 'broken' }, [false, '/dev/md0: md0 is broken']],
    [{ 'md/degraded': '1', 'md/sync_action': 'idle' }, [false, '/dev/md0: md0 is degraded: 1 of 2 disks missing']],
    [
      { 'md/degraded': '1', 'md/sync_action': 'recover' },
      [false, '/dev/md0: md0 is degraded: 1 of 2 disks missing, being rebuilt'],
    ],
  ])('an md array with %j', async (files, expected) => {
    disks({ sda: 'running', sdb: 'running' });
    array(files);
    expect(await look('/dev/md0')).toEqual(expected);
  });

  it('an array as documented', async () => {
    disks({ sda: 'running', sdb: 'running' });
    array({});
    expect(await look(documentedProbe('device').path)).toEqual([true, '/dev/md0, raid1, 3726.0 GiB']);
  });

  it('a multipath map lacks a path', async () => {
    disks({ sda: 'running', sdb: 'offline', sdc: 'running', sdd: 'transport-offline' });
    device('dm-0', { 'dm/name': 'mpatha', 'dm/suspended': '0', 'dm/uuid': 'mpath-3600' }, ['sda', 'sdb', 'sdc', 'sdd']);
    expect(await look('/dev/dm-0')).toEqual([
      false,
      '/dev/dm-0: dm-0 lacks 2 of 4 parts: sdb is offline, sdd is transport-offline',
    ]);
  });

  it('a multipath map has lost a path that was removed, until it is back', async () => {
    disks({ sda: 'running', sdb: 'running' });
    device('dm-0', { 'dm/name': 'mpatha', 'dm/suspended': '0', 'dm/uuid': 'mpath-3600' }, ['sda', 'sdb']);
    device('dm-1', { 'dm/suspended': '0', 'dm/uuid': 'LVM-1' }, ['dm-0']);
    const see = looking();
    const path = join(root, 'sys/devices/dm-0/slaves/sdb');
    expect(await see('/dev/dm-0')).toBe('/dev/dm-0, 3726.0 GiB');
    rmSync(path);
    const advice = 'bring back what was lost, or restart the agent if it was removed on purpose';
    expect(await see('/dev/mapper/mpatha')).toBe(`/dev/mapper/mpatha: dm-0 has 1 of 2 paths: ${advice}`);
    expect(await see('/dev/dm-1')).toBe(`/dev/dm-1: dm-1 lacks 1 of 1 parts: dm-0 has 1 of 2 paths: ${advice}`);
    symlinkSync(join(root, 'sys/class/block/sdb'), path);
    expect(await see('/dev/dm-0')).toBe('/dev/dm-0, 3726.0 GiB');
  });

  it('a volume that was moved off a disk has lost nothing', async () => {
    disks({ sda: 'running', sdb: 'running' });
    device('dm-1', { 'dm/suspended': '0', 'dm/uuid': 'LVM-1' }, ['sda', 'sdb']);
    const see = looking();
    expect(await see('/dev/dm-1')).toBe('/dev/dm-1, 3726.0 GiB');
    rmSync(join(root, 'sys/devices/dm-1/slaves/sdb'));
    expect(await see('/dev/dm-1')).toBe('/dev/dm-1, 3726.0 GiB');
  });

  it('a map is found by its name, and is suspended', async () => {
    disks({ sda: 'running' });
    device('dm-3', { 'dm/name': 'vg-data', 'dm/suspended': '1' }, ['sda']);
    expect(await look('/dev/mapper/vg-data')).toEqual([false, '/dev/mapper/vg-data: dm-3 is suspended']);
  });

  it('a volume on an array that is degraded', async () => {
    disks({ sda: 'running' });
    array({ 'md/degraded': '1' }, ['sda']);
    device('dm-1', { 'dm/suspended': '0' }, ['md0']);
    expect(await look('/dev/dm-1')).toEqual([
      false,
      '/dev/dm-1: dm-1 lacks 1 of 1 parts: md0 is degraded: 1 of 2 disks missing',
    ]);
  });

  it('is looked at once for all who ask within half a second', async () => {
    const clock = new VirtualClock();
    const runner = new DeviceProbeRunner(clock, root);
    const ok = async (check: string): Promise<boolean> =>
      (await runner.run({ type: 'device', path: '/dev/sda' }, contextOf({ check }), signal)).ok;
    disks({ sda: 'running' });
    expect(await ok('a')).toBe(true);
    writeFileSync(join(root, 'sys/devices/sda/device/state'), 'offline\n');
    await clock.advance(499);
    expect(await ok('b')).toBe(true);
    await clock.advance(1);
    expect(await ok('c')).toBe(false);
  });

  it('is not waited for longer than allowed', async () => {
    disks({ sda: 'running' });
    const { ok, output } = await new DeviceProbeRunner(new VirtualClock(), root).run(
      { type: 'device', path: '/dev/sda' },
      context,
      AbortSignal.abort(),
    );
    expect([ok, output]).toEqual([false, '/dev/sda: the kernel does not answer within 1000 ms']);
  });
});
