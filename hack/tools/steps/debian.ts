import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { install, withScratch } from '../cache.ts';
import { specOf } from '../catalog.ts';
import { none, type StepResult, type ToolContext, type ToolRequest } from '../context.ts';
import { run, tail } from '../run.ts';
import { probeVersion } from '../version.ts';
import { accept } from './lookup.ts';

/**
 * Takes the program out of the distribution's package. The package is unpacked, not installed: nothing on the host
 * changes and no service starts.
 */
export async function fromDebian(context: ToolContext, request: ToolRequest): Promise<StepResult> {
  const { debian, versionArgs } = specOf(context.catalog, request.name);
  if (debian === undefined) return none('no Debian package has it');
  const { env } = context;
  return await withScratch(context.cacheDir, async (scratch) => {
    const fetchPackage = () => run('apt-get', ['download', debian.package], { cwd: scratch, env });
    context.report(`fetching the Debian package ${debian.package}`);
    let fetched = await fetchPackage();
    if (fetched.code === -1) return none('the program "apt-get" is not on PATH');
    if (fetched.code !== 0 && (await run('apt-get', ['update', '-qq'], { env })).code === 0) {
      fetched = await fetchPackage();
    }
    const file = readdirSync(scratch).find((entry) => entry.endsWith('.deb'));
    if (fetched.code !== 0 || file === undefined) return none(`apt-get download failed: ${tail(fetched.output, 1)}`);

    const unpacked = join(scratch, 'unpacked');
    mkdirSync(unpacked);
    const unpack = await run('dpkg-deb', ['-x', join(scratch, file), unpacked], { env });
    if (unpack.code !== 0) return none(`dpkg-deb failed: ${tail(unpack.output, 1)}`);
    const program = join(unpacked, debian.member);
    const version = probeVersion(program, versionArgs);
    if (version === undefined) return none(`${debian.package} has no ${debian.member} that runs`);
    return accept(context, request, install(context.cacheDir, request.name, version, program), 'Debian package');
  });
}
