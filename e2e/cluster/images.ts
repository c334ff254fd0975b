/** Images of the pods, as archives: no registry is in reach of a cluster of namespaces. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { firstMissing, missingProgram } from '../../src/testing/missing.ts';
import { packProgram } from './program-image.ts';
import { run } from './run.ts';
import { tool, type ToolName } from './tools.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache/images');
/** No such host: whatever is not loaded fails at once. */
export const REGISTRY = 'registry.invalid';
const LOCAL_BASE = `${REGISTRY}/node:24`;
export const PAUSE_IMAGE = `${REGISTRY}/pause:lab`;
export const ETCD_IMAGE = { repository: 'etcd', tag: 'lab' };
export const DNS_IMAGE = `${REGISTRY}/coredns:lab`;
const KEEP_MS = 24 * 3_600_000;
/** What our image is made of, below the root. */
const SOURCES = ['Dockerfile', 'package.json', 'package-lock.json', 'tsconfig*.json', 'src/**/*'];

export interface Image {
  readonly name: string;
  readonly archive: string;
}

/** All that a cluster needs, the product's among them. @throws Error that says what would help. */
export async function makeImages(version: string): Promise<readonly Image[]> {
  const product = await makeProduct(version);
  const programs: readonly (readonly [ToolName, string])[] = [
    ['pause', PAUSE_IMAGE],
    ['etcd', `${REGISTRY}/${ETCD_IMAGE.repository}:${ETCD_IMAGE.tag}`],
    ['coredns', DNS_IMAGE],
  ];
  return [
    ...programs.map(([name, image]) => ({ name: image, archive: packProgram(tool(name), image, CACHE) })),
    product,
  ];
}

/** The product's own image, once for the same sources. It needs the network where it has to be built. */
export async function makeProduct(version: string): Promise<Image> {
  mkdirSync(CACHE, { recursive: true });
  const name = `${REGISTRY}/vippool:${version}`;
  const base = process.env['NODE_IMAGE'];
  const archive = join(CACHE, `vippool-${digestOfSources(base ?? '')}.tar`);
  if (existsSync(archive)) return { name, archive };
  const part = `${archive}.${process.pid}.part`;
  const env = { ...process.env, ...(base === undefined ? localBase() : {}) };
  process.stderr.write(`building ${name}: minutes\n`);
  await run('hack/image.sh', [name, part], { cwd: ROOT, env });
  renameSync(part, archive);
  removeOld(archive);
  return { name, archive };
}

/** Of sources that have changed since; other work trees may share the folder. */
function removeOld(archive: string): void {
  for (const file of globSync(join(CACHE, 'vippool-*')).filter((path) => path !== archive)) {
    if (Date.now() - statSync(file).mtimeMs > KEEP_MS) rmSync(file);
  }
}

/** Where neither docker nor podman works, buildah is asked to do with what this machine can make itself. */
function localBase(): Readonly<Record<string, string>> {
  const local = firstMissing(missingProgram('mmdebstrap'), missingProgram('buildah'));
  const hasEngine = spawnSync('docker', ['info']).status === 0 || missingProgram('podman') === undefined;
  if (hasEngine || local !== undefined) return {};
  // No further rights are needed with these two.
  const env = { STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };
  const there = spawnSync('buildah', ['inspect', '--type', 'image', LOCAL_BASE], { env: { ...process.env, ...env } });
  if (there.status !== 0) {
    execFileSync('hack/node-image.sh', [LOCAL_BASE], { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
  }
  return { ...env, NODE_IMAGE: LOCAL_BASE };
}

function digestOfSources(base: string): string {
  const hash = createHash('sha256').update(base);
  for (const file of globSync(SOURCES, { cwd: ROOT }).sort()) {
    const path = join(ROOT, file);
    if (!/\.[a-z]+$|Dockerfile$/.test(file)) continue;
    hash.update(`${file}\0`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}
