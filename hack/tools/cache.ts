import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolRequest } from './context.ts';
import { compareVersions, parseVersion } from './version.ts';

/** Layout: `<cacheDir>/<name>/<version>/<name>`, so that versions live side by side. */
const pathOf = (cacheDir: string, name: string, version: string): string => join(cacheDir, name, version, name);

/** Path of the newest cached version that is new enough. */
export function newestCached(cacheDir: string, { name, minVersion }: ToolRequest): string | undefined {
  const dir = join(cacheDir, name);
  if (!existsSync(dir)) return undefined;
  const version = readdirSync(dir)
    .filter((entry) => parseVersion(entry) === entry && compareVersions(entry, minVersion) >= 0)
    .sort(compareVersions)
    .findLast((entry) => existsSync(pathOf(cacheDir, name, entry)));
  return version === undefined ? undefined : pathOf(cacheDir, name, version);
}

/** Moves a finished program into the cache. The rename is the last act: a reader sees all of it or nothing. */
export function install(cacheDir: string, name: string, version: string, file: string): string {
  const target = pathOf(cacheDir, name, version);
  chmodSync(file, 0o755);
  mkdirSync(join(cacheDir, name, version), { recursive: true });
  renameSync(file, target);
  return target;
}

/** Runs `work` with a scratch folder on the cache's own file system (a rename must not cross file systems). */
export async function withScratch<T>(cacheDir: string, work: (dir: string) => Promise<T>): Promise<T> {
  mkdirSync(cacheDir, { recursive: true });
  const dir = await mkdtemp(join(cacheDir, '.scratch-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
