import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { install, withScratch } from '../cache.ts';
import { type Archive, fill, specOf } from '../catalog.ts';
import { none, type StepResult, type ToolContext, type ToolRequest } from '../context.ts';
import { download, matchesChecksum } from '../download.ts';
import { run, tail } from '../run.ts';
import { compareVersions } from '../version.ts';
import { accept } from './lookup.ts';

/** Overrides the server of all releases: a mirror, or a test's own. Empty: no downloads at all. */
export const BASE_URL_VARIABLE = 'VIPPOOL_TOOLS_BASE_URL';
const OFFICIAL = 'https://github.com';

/** Servers that did not answer: one wait in a run is enough. */
const unreachable = new Map<string, string>();

/** Downloads the official release, checks it against the pinned checksum, and unpacks the one program. */
export async function fromRelease(context: ToolContext, request: ToolRequest): Promise<StepResult> {
  const { release } = specOf(context.catalog, request.name);
  if (release === undefined) return none('no release is pinned for it');
  const archive = context.catalog.archives[release.archive];
  const checksum = archive?.checksums[context.arch];
  if (archive === undefined || checksum === undefined) return none(`no checksum is pinned for ${context.arch}`);
  if (compareVersions(archive.version, request.minVersion) < 0) {
    return none(`the pinned release ${archive.version} is older than ${request.minVersion}`);
  }
  const values = { version: archive.version, arch: context.arch };
  const file = await fetchArchive(context, archive, checksum, values);
  if (file.kind === 'failed') return none(file.reason);

  return await withScratch(context.cacheDir, async (scratch) => {
    const member = fill(release.member, values);
    const { code, output } = await run('tar', ['-xzf', file.path, '-C', scratch, member], { env: context.env });
    if (code !== 0) return none(`unpacking ${basename(file.path)} failed: ${tail(output)}`);
    const path = install(context.cacheDir, request.name, archive.version, join(scratch, member));
    return accept(context, request, path, 'release');
  });
}

type Fetched = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'failed'; readonly reason: string };

/** Several tools share an archive, so it stays in the cache. */
async function fetchArchive(
  context: ToolContext,
  archive: Archive,
  checksum: string,
  values: Readonly<Record<string, string>>,
): Promise<Fetched> {
  const base = context.env[BASE_URL_VARIABLE] ?? OFFICIAL;
  if (base === '') return { kind: 'failed', reason: `${BASE_URL_VARIABLE} is empty: downloads are off` };
  const url = base.replace(/\/$/, '') + fill(archive.path, values);
  const path = join(context.cacheDir, 'downloads', basename(url));
  if (existsSync(path) && (await matchesChecksum(path, checksum))) return { kind: 'file', path };
  const known = unreachable.get(base);
  if (known !== undefined) return { kind: 'failed', reason: known };

  mkdirSync(join(context.cacheDir, 'downloads'), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  context.report(`downloading ${url}`);
  const startedAt = Date.now();
  try {
    await download(url, part, context);
    if (!(await matchesChecksum(part, checksum))) {
      return { kind: 'failed', reason: `${url} is not what was pinned (checksum differs): refused` };
    }
    renameSync(part, path);
    context.report(`downloaded in ${((Date.now() - startedAt) / 1000).toFixed(1)} s, checksum is right`);
    return { kind: 'file', path };
  } catch (error) {
    const reason = `${url}: ${(error as Error).message}`;
    if (!reason.includes('HTTP status')) unreachable.set(base, `${base} was not reachable`);
    return { kind: 'failed', reason };
  } finally {
    rmSync(part, { force: true });
  }
}
