import { join } from 'node:path';
import { install, withScratch } from '../cache.ts';
import { fill, specOf } from '../catalog.ts';
import { none, type StepResult, type ToolContext, type ToolRequest } from '../context.ts';
import { run, tail } from '../run.ts';
import { compareVersions } from '../version.ts';
import { accept } from './lookup.ts';

/** Builds the program from its Go module, pinned by go.mod and go.sum beside this code. */
export async function fromGoBuild(context: ToolContext, request: ToolRequest): Promise<StepResult> {
  const { goBuild } = specOf(context.catalog, request.name);
  const module = goBuild === undefined ? undefined : context.catalog.modules[goBuild.module];
  if (goBuild === undefined || module === undefined) return none('no Go module is pinned for it');
  if (compareVersions(module.version, request.minVersion) < 0) {
    return none(`the pinned module ${module.version} is older than ${request.minVersion}`);
  }
  const env = { ...context.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-buildvcs=false' };
  const go = await run('go', ['version'], { env });
  if (go.code !== 0) return none('the program "go" is not on PATH');

  return await withScratch(context.cacheDir, async (scratch) => {
    const file = join(scratch, request.name);
    context.report(`building ${request.name} ${module.version} from its Go module (${tail(go.output, 1)})`);
    const build = await run(
      'nice',
      [
        'go',
        'build',
        '-trimpath',
        `-ldflags=${fill(module.ldflags, { version: module.version })}`,
        '-o',
        file,
        goBuild.package,
      ],
      {
        cwd: join(context.goModulesDir, goBuild.module),
        env,
        onStillRunning: (seconds) => context.report(`  still building ${request.name}: ${seconds} s`),
      },
    );
    if (build.code !== 0) return none(`go build failed: ${tail(build.output)}`);
    return accept(context, request, install(context.cacheDir, request.name, module.version, file), 'go build');
  });
}
