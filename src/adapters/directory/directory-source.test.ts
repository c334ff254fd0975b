import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { nodeName, poolName } from '../../core/ids.ts';
import { sourceContract } from '../../testing/contract/source.contract.ts';
import { realClock, realRandom } from '../../testing/real-time.ts';
import { SnapshotRecorder } from '../../testing/snapshot-recorder.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { SourceSnapshot } from '../../ports/source.ts';
import { DirectorySource } from './directory-source.ts';

const manifest = (name: string, spec: unknown, kind = 'VipPool'): string =>
  stringify({ apiVersion: 'vippool.io/v1alpha1', kind, metadata: { name }, spec });
const pool = (name: string, address = '192.0.2.10'): string => manifest(name, { addresses: [address] });
const NAS = poolName('nas');

sourceContract('directory', async () => {
  const path = await mkdtemp(join(tmpdir(), 'vippool-directory-'));
  return {
    countsNodeEdits: false,
    newSource: () => new DirectorySource({ path, clock: realClock, random: realRandom }),
    apply: (name, spec) => writeFile(join(path, `${name}.yaml`), manifest(name, spec)),
    applyNode: (name, spec) => writeFile(join(path, `node-${name}.yaml`), manifest(name, spec, 'NodeHealth')),
    applyTask: (name, spec) => writeFile(join(path, `task-${name}.yaml`), manifest(name, spec, 'VipTask')),
    deleteTask: (name) => rm(join(path, `task-${name}.yaml`)),
    remove: (name) => rm(join(path, `${name}.yaml`)),
    dispose: () => rm(path, { recursive: true, force: true }),
  };
});

describe('directory source', () => {
  let root: string;
  let path: string;
  let started: SnapshotRecorder[];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vippool-directory-'));
    path = join(root, 'pools');
    await mkdir(path);
    started = [];
  });

  afterEach(async () => {
    await Promise.all(started.map((recorder) => recorder.source.stop()));
    await rm(root, { recursive: true, force: true });
  });

  /** No rescan helps these tests along, unless they ask for one. */
  const start = (rescanMs = 3_600_000): SnapshotRecorder => {
    const source = new DirectorySource({ path, clock: realClock, random: realRandom, rescanMs, retryMs: 20 });
    const recorder = new SnapshotRecorder(source).start();
    started.push(recorder);
    return recorder;
  };
  const write = (file: string, text: string): Promise<void> => writeFile(join(path, file), text);
  const address = (recorder: SnapshotRecorder, name = 'nas'): unknown =>
    (recorder.pool(name)?.spec as { addresses?: string[] } | undefined)?.addresses?.[0];
  const untilAddress = (recorder: SnapshotRecorder, wanted: string): Promise<unknown> =>
    recorder.until(wanted, () => address(recorder) === wanted);

  test('a file that declares more than a task is not removed with it, and the task is not pending again', async () => {
    const task = manifest('t', { action: 'Failback' }, 'VipTask');
    await write('both.yaml', `${pool('nas')}---\n${task}`);
    const recorder = start();
    const [declared] = (await recorder.until('the task', ({ tasks = [] }) => tasks.length === 1)).tasks ?? [];
    if (!declared) throw new Error('no task');
    await recorder.source.writeTaskStatus(declared, { phase: 'Succeeded' });
    await recorder.source.removeTask(declared);
    expect(await readdir(path)).toContain('both.yaml');
    const again = start();
    const { tasks } = await again.until('the task', ({ tasks: all = [] }) => all.length === 1);
    expect(tasks).toEqual([{ ...declared, status: { phase: 'Succeeded' } }]);
  });

  test('a broken edit is told with file, line and reason, and changes nothing', async () => {
    await write('nas.yaml', pool('nas'));
    const recorder = start();
    const before = await recorder.untilPool('nas');
    await write(
      'nas.yaml',
      'apiVersion: vippool.io/v1alpha1\nkind: VipPool\nmetadata: { name: nas }\nspec: { a: [1, }\n',
    );
    const snapshot = await recorder.until('the problem', ({ problems }) => problems.length === 1);
    expect(snapshot).toMatchObject({ pools: [before], complete: true });
    expect(snapshot.problems[0]?.where).toBe('nas.yaml:4');
    expect(snapshot.problems[0]?.message).toContain('not valid YAML: ');
    await write('nas.yaml', pool('nas', '192.0.2.11'));
    await untilAddress(recorder, '192.0.2.11');
    expect(recorder.latest?.problems).toEqual([]);
    expect(recorder.pool('nas')?.generation).toBe(2);
  });

  test('a file that is written in pieces is read when its writer is done', async () => {
    await write('nas.yaml', pool('nas'));
    const clock = new VirtualClock();
    const recorder = new SnapshotRecorder(new DirectorySource({ path, clock, random: realRandom })).start();
    started.push(recorder);
    const untilPassed = async (wanted: string): Promise<void> => {
      while (address(recorder) !== wanted) {
        await new Promise((resolve) => void setImmediate(resolve));
        await clock.advance(5);
      }
    };
    await untilPassed('192.0.2.10');
    const next = pool('nas', '192.0.2.11');
    await write('nas.yaml', '');
    for (let length = 1; length <= next.length; length++) {
      await write('nas.yaml', next.slice(0, length));
      await clock.advance(1);
    }
    await untilPassed('192.0.2.11');
    const seen = new Set(recorder.snapshots.map(({ pools }) => JSON.stringify(pools[0]?.spec)));
    expect(seen).toEqual(new Set(['192.0.2.10', '192.0.2.11'].map((ip) => JSON.stringify({ addresses: [ip] }))));
  });

  test('a file that is saved by renaming another one over it', async () => {
    await write('nas.yaml', pool('nas'));
    const recorder = start();
    const before = await recorder.untilPool('nas');
    await write('.nas.yaml.swp', 'binary');
    await write('4913', '');
    await write('nas.yaml~', pool('backup'));
    await write('nas.yaml.tmp', pool('nas', '192.0.2.11'));
    await rename(join(path, 'nas.yaml.tmp'), join(path, 'nas.yaml'));
    await untilAddress(recorder, '192.0.2.11');
    expect(recorder.pool('nas')).toMatchObject({ uid: before.uid, createdAt: before.createdAt, generation: 2 });
    expect(recorder.latest).toMatchObject({ problems: [], pools: [{ name: 'nas' }] });
  });

  test('another order of keys, a comment and another file are no change of the spec', async () => {
    await write('nas.yaml', manifest('nas', { addresses: ['192.0.2.10'], exclude: [] }));
    const recorder = start();
    await recorder.untilPool('nas');
    await write('nas.yaml', `# the NAS\n${manifest('nas', { exclude: [], addresses: ['192.0.2.10'] })}`);
    await rename(join(path, 'nas.yaml'), join(path, 'storage.yml'));
    await write('zz.yaml', pool('zz'));
    await recorder.untilPool('zz');
    expect(recorder.pool('nas')?.generation).toBe(1);
  });

  test('a mounted ConfigMap, whose files are links through one directory that is swapped', async () => {
    const mount = async (version: string, files: Record<string, string>): Promise<void> => {
      await mkdir(join(path, version));
      for (const [file, text] of Object.entries(files)) await writeFile(join(path, version, file), text);
      await symlink(version, join(path, '..data_tmp'));
      await rename(join(path, '..data_tmp'), join(path, '..data'));
    };
    await mount('..1', { 'nas.yaml': pool('nas'), 'db.yaml': pool('db') });
    for (const file of ['nas.yaml', 'db.yaml']) await symlink(`..data/${file}`, join(path, file));
    const recorder = start();
    await recorder.until('both', ({ pools }) => pools.length === 2);
    await mount('..2', { 'nas.yaml': pool('nas', '192.0.2.11') });
    await rm(join(path, '..1'), { recursive: true });
    await recorder.until('the new version', ({ pools }) => pools.length === 1 && address(recorder) === '192.0.2.11');
  });

  test('a directory that is missing is one fault, and is waited for', async () => {
    await rm(path, { recursive: true });
    const recorder = start();
    expect(await recorder.untilFault()).toMatchObject({
      code: 'NotFound',
      message: `the directory ${path} does not exist`,
    });
    await mkdir(path);
    await write('nas.yaml', pool('nas'));
    await recorder.untilPool('nas');
    expect(recorder.faults).toHaveLength(1);
  });

  test('a directory that goes away takes nothing with it, and is followed when it comes back', async () => {
    await write('nas.yaml', pool('nas'));
    const recorder = start(20);
    await recorder.untilPool('nas');
    await rename(path, join(root, 'away'));
    await recorder.untilFault();
    expect(recorder.pool('nas')).toMatchObject({ deleting: false });
    await mkdir(path);
    await write('nas.yaml', pool('nas', '192.0.2.11'));
    await untilAddress(recorder, '192.0.2.11');
    await write('nas.yaml', pool('nas', '192.0.2.12'));
    await untilAddress(recorder, '192.0.2.12');
    expect(recorder.faults).toHaveLength(1);
  });

  test('something else in place of the directory is a fault', async () => {
    await rm(path, { recursive: true });
    await writeFile(path, '');
    expect((await start().untilFault()).message).toBe(`${path} is not a directory`);
  });

  test('changes without events are found by the rescan', async () => {
    const elsewhere = join(root, 'nas.yaml');
    await writeFile(elsewhere, pool('nas'));
    await symlink(elsewhere, join(path, 'nas.yaml'));
    const recorder = start(30);
    await recorder.untilPool('nas');
    await writeFile(elsewhere, pool('nas', '192.0.2.11'));
    await untilAddress(recorder, '192.0.2.11');
  });

  test('what became of a task is read anew without an event, as on a file system of another host', async () => {
    await write('task.yaml', manifest('t', { action: 'Failback' }, 'VipTask'));
    const recorder = start();
    const [task] = (await recorder.until('the task', ({ tasks = [] }) => tasks.length === 1)).tasks ?? [];
    if (!task) throw new Error('no task');
    await recorder.source.writeTaskStatus(task, { phase: 'Running' });
    const elsewhere = join(root, 'record.yaml');
    const [file = ''] = await readdir(join(path, 'status'));
    await rename(join(path, 'status', file), elsewhere);
    await symlink(elsewhere, join(path, 'status', file));
    const late = start();
    const phase = ({ tasks = [] }: SourceSnapshot): unknown => tasks[0]?.status?.phase;
    await late.until('its begin', (snapshot) => phase(snapshot) === 'Running');
    await writeFile(elsewhere, (await readFile(elsewhere, 'utf8')).replace('Running', 'Succeeded'));
    late.source.readTasks('2/c2');
    const read = await late.until('the mark', ({ tasksAsOf }) => tasksAsOf === '2/c2');
    expect(phase(read)).toBe('Succeeded');
  });

  test('directories and pipes with the name of a manifest are no manifests', async () => {
    await mkdir(join(path, 'more.yaml'));
    await write('nas.yaml', pool('nas'));
    const recorder = start();
    await recorder.untilPool('nas');
    expect(recorder.latest).toMatchObject({ problems: [], complete: true });
  });

  test('starting writes nothing, and the status files lie in a directory of their own', async () => {
    await write('nas.yaml', pool('nas'));
    const recorder = start();
    await recorder.untilPool('nas');
    expect(await readdir(path)).toEqual(['nas.yaml']);
    await recorder.source.writePoolStatus(NAS, { total: 1 });
    await recorder.source.writeNodeStatus(nodeName('node-a'), { phase: 'Healthy' });
    expect((await readdir(path)).sort()).toEqual(['nas.yaml', 'status']);
    expect((await readdir(join(path, 'status'))).sort()).toEqual(['nodehealth-node-a.yaml', 'vippool-nas.yaml']);
    const text = await readFile(join(path, 'status', 'vippool-nas.yaml'), 'utf8');
    expect(text).toContain('# Written by vippool.');
    expect(parse(text)).toMatchObject({ metadata: { annotations: { 'vippool.io/manifest': 'nas.yaml' } } });
    await recorder.untilPool('nas', ({ status }) => status?.total === 1);
    expect(recorder.latest?.problems).toEqual([]);
  });

  test('a status file that an older version or a hand wrote in block notation counts', async () => {
    await write('nas.yaml', pool('nas'));
    const first = start();
    await first.untilPool('nas');
    await first.source.writePoolStatus(NAS, { total: 1 });
    const before = await first.untilPool('nas', ({ status }) => status?.total === 1);
    await first.source.stop();
    const file = join(path, 'status', 'vippool-nas.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text.slice(0, text.indexOf('\n') + 1)}${stringify(parse(text))}`);
    const second = start();
    expect(await second.untilPool('nas')).toEqual(before);
    expect(second.latest?.problems).toEqual([]);
  });

  test('a name that would leave the directory is refused', async () => {
    const recorder = start();
    await recorder.until('a snapshot', () => true);
    await expect(recorder.source.writeNodeStatus(nodeName('../x'), { phase: 'Healthy' })).rejects.toMatchObject({
      code: 'InvalidInput',
    });
  });

  test('a restart with a broken manifest keeps its pool by the last valid version, and says that it may not be all', async () => {
    await write('nas.yaml', pool('nas'));
    const first = start();
    await first.untilPool('nas');
    await first.source.writePoolStatus(NAS, { total: 1 });
    const before = await first.untilPool('nas', ({ status }) => status?.total === 1);
    await first.source.stop();
    await write('nas.yaml', '{');
    const second = start();
    const snapshot = await second.until('a snapshot', () => true);
    expect(snapshot).toMatchObject({ pools: [before], complete: false });
    expect(snapshot.problems.map(({ where }) => where)).toEqual(['nas.yaml:1']);
    await write('nas.yaml', pool('nas', '192.0.2.11'));
    await untilAddress(second, '192.0.2.11');
    expect(second.latest?.complete).toBe(true);
    expect(second.pool('nas')?.generation).toBe(before.generation + 1);
  });

  test('a pool that was removed is not given up while another file was never readable', async () => {
    await write('nas.yaml', pool('nas'));
    const first = start();
    await first.untilPool('nas');
    await first.source.protect(NAS);
    await first.source.stop();
    await rename(join(path, 'nas.yaml'), join(path, 'storage.yaml'));
    await write('storage.yaml', '{');
    const second = start();
    expect(await second.untilPool('nas')).toMatchObject({ deleting: false });
    await second.source.finalize(NAS);
    await rm(join(path, 'storage.yaml'));
    await second.untilPool('nas', ({ deleting }) => deleting);
    await second.source.finalize(NAS);
    await second.until('no pool', ({ pools }) => pools.length === 0);
  });

  test('a manifest that comes back before its pool was finalized', async () => {
    await write('nas.yaml', pool('nas'));
    const recorder = start();
    const before = await recorder.untilPool('nas');
    await recorder.source.protect(NAS);
    await rm(join(path, 'nas.yaml'));
    await recorder.untilPool('nas', ({ deleting }) => deleting);
    await write('nas.yaml', pool('nas'));
    expect(await recorder.untilPool('nas', ({ deleting }) => !deleting)).toEqual(before);
  });

  test('a status file that is not ours is a problem, and the next write puts it right', async () => {
    await write('nas.yaml', pool('nas'));
    await mkdir(join(path, 'status'));
    await writeFile(join(path, 'status', 'vippool-nas.yaml'), '{');
    const recorder = start();
    const snapshot = await recorder.until('a snapshot', () => true);
    expect(snapshot.problems.map(({ where }) => where)).toEqual([join(path, 'status', 'vippool-nas.yaml')]);
    expect(snapshot).toMatchObject({ pools: [{ name: 'nas', status: undefined }], complete: true });
    await recorder.source.writePoolStatus(NAS, { total: 1 });
    await recorder.untilPool('nas', ({ status }) => status?.total === 1);
    expect(recorder.latest?.problems).toEqual([]);
  });

  test('a place for status that takes no files', async () => {
    await write('nas.yaml', pool('nas'));
    const startWith = (statusPath: string): SnapshotRecorder => {
      const source = new DirectorySource({ path, statusPath, clock: realClock, random: realRandom, retryMs: 20 });
      started.push(new SnapshotRecorder(source).start());
      return started.at(-1) as SnapshotRecorder;
    };
    const recorder = startWith('/sys/vippool-test');
    await recorder.untilPool('nas');
    await expect(recorder.source.writePoolStatus(NAS, { total: 1 })).rejects.toMatchObject({
      code: 'PermissionDenied',
    });
    expect(recorder.pool('nas')?.status).toBeUndefined();
    const inFile = join(path, 'nas.yaml', 'status');
    expect((await startWith(inFile).untilFault()).message).toBe(`cannot look at ${inFile}: ENOTDIR`);
  });

  test('a manifest of a node makes it known without a status', async () => {
    await write('node.yaml', 'apiVersion: vippool.io/v1alpha1\nkind: NodeHealth\nmetadata: { name: node-a }\n');
    const recorder = start();
    const snapshot = await recorder.until('the node', ({ nodes }) => nodes.length === 1);
    expect(snapshot.nodes).toEqual([{ name: 'node-a', status: undefined }]);
    await recorder.source.writeNodeStatus(nodeName('node-a'), { phase: 'Healthy' });
    await recorder.until('its status', ({ nodes }) => nodes[0]?.status?.phase === 'Healthy');
  });

  test('many statuses at once', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `pool-${index}`);
    await write('all.yaml', names.map((name) => pool(name)).join('---\n'));
    const [master, standby] = [start(), start()];
    await master.until('all', ({ pools }) => pools.length === 50);
    await standby.until('all', ({ pools }) => pools.length === 50);
    const writes = names.flatMap((name) =>
      [1, 2, 3].map((total) => master.source.writePoolStatus(poolName(name), { total })),
    );
    await Promise.all(writes);
    await standby.until('all statuses', ({ pools }) => pools.every(({ status }) => status?.total === 3));
    expect(standby.latest?.pools).toEqual(master.latest?.pools);
    expect((await readdir(join(path, 'status'))).filter((file) => file.startsWith('.'))).toEqual([]);
  });
});
