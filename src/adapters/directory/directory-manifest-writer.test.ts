import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { nodeName } from '../../core/ids.ts';
import { realRandom } from '../../testing/real-time.ts';
import { DirectoryManifestWriter } from './directory-manifest-writer.ts';

const NODE = nodeName('node-a');
const POOL = `# The pool of the NAS.
apiVersion: vippool.io/v1alpha1
kind: VipPool
metadata: { name: nas }
spec:
  addresses: ["192.0.2.10-192.0.2.15"] # six
`;
const HEALTH = `apiVersion: vippool.io/v1alpha1
kind: NodeHealth
metadata: { name: node-a }
spec: # what we want of it
  weight: 50 # slow disks
`;

let path: string;
let writer: DirectoryManifestWriter;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'vippool-writer-'));
  writer = new DirectoryManifestWriter(path, realRandom);
});

afterEach(() => rm(path, { recursive: true, force: true }));

const read = (file: string): Promise<string> => readFile(join(path, file), 'utf8');

test('creates a task in a file of its own', async () => {
  await writer.createTask('move-1', { action: 'Move', address: '192.0.2.10', node: 'node-a' });
  expect(parse(await read('viptask-move-1.yaml'))).toEqual({
    apiVersion: 'vippool.io/v1alpha1',
    kind: 'VipTask',
    metadata: { name: 'move-1' },
    spec: { action: 'Move', address: '192.0.2.10', node: 'node-a' },
  });
  expect(await readdir(path)).toEqual(['viptask-move-1.yaml']);
});

test('edits the manifest of a node where there is one, and keeps every comment', async () => {
  await writeFile(join(path, 'all.yaml'), `${POOL}---\n${HEALTH}`);
  await writer.setMaintenance(NODE, true);
  const edited = HEALTH.replace('  weight', '  maintenance: true\n  weight');
  expect(await read('all.yaml')).toBe(`${POOL}---\n${edited}`);
  await writer.setMaintenance(NODE, false);
  expect(await read('all.yaml')).toBe(`${POOL}---\n${edited.replace('true', 'false')}`);
  expect(await readdir(path)).toEqual(['all.yaml']);
});

test('creates the manifest of a node where there is none, and nothing to end a maintenance that is not there', async () => {
  await writer.setMaintenance(NODE, false);
  expect(await readdir(path)).toEqual([]);
  await writer.setMaintenance(NODE, true);
  expect(parse(await read('nodehealth-node-a.yaml'))).toMatchObject({
    kind: 'NodeHealth',
    spec: { maintenance: true },
  });
});

test.each(['', 'spec:\n', 'spec: {}\n', 'spec: { weight: 5 } # so\n'])(
  'a manifest without settings gets one: %j',
  async (rest) => {
    await writeFile(join(path, 'a.yaml'), HEALTH.slice(0, HEALTH.indexOf('spec')) + rest);
    await writer.setMaintenance(NODE, true);
    expect(parse(await read('a.yaml'))).toMatchObject({ spec: { maintenance: true } });
  },
);

test('writes behind a link, and leaves the link', async () => {
  await writeFile(join(path, 'kept.txt'), HEALTH);
  await symlink('kept.txt', join(path, 'a.yaml'));
  await writer.setMaintenance(NODE, true);
  expect(await read('kept.txt')).toContain('maintenance: true');
});

test('touches no file that says so already', async () => {
  await writeFile(join(path, 'a.yaml'), `${HEALTH}  maintenance: true`);
  await writer.setMaintenance(NODE, true);
  expect(await read('a.yaml')).toBe(`${HEALTH}  maintenance: true`);
});

test('says what is in the way', async () => {
  await writeFile(join(path, 'a.yaml'), `${HEALTH}  maintenance: [`);
  await expect(writer.setMaintenance(NODE, true)).rejects.toThrow('a.yaml is not valid YAML');
  const nowhere = new DirectoryManifestWriter(join(path, 'none'), realRandom);
  await expect(nowhere.createTask('t', { action: 'Failback' })).rejects.toThrow('does not exist');
  expect((await readdir(path)).sort()).toEqual(['a.yaml']);
});
