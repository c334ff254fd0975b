import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { specOf } from '../catalog.ts';
import { newestCached } from '../cache.ts';
import { found, none, type StepResult, type ToolContext, type ToolRequest, type ToolSource } from '../context.ts';
import { compareVersions, isExecutable, probeVersion } from '../version.ts';

/** `VIPPOOL_KUBE_APISERVER` for `kube-apiserver`. */
export const variableOf = (name: string): string => `VIPPOOL_${name.toUpperCase().replaceAll('-', '_')}`;

/** Takes the program at `path` if it runs and is new enough. */
export function accept(context: ToolContext, request: ToolRequest, path: string, source: ToolSource): StepResult {
  if (!isExecutable(path)) return none(`${path} is not an executable file`);
  const version = probeVersion(path, specOf(context.catalog, request.name).versionArgs);
  if (version === undefined) return none(`${path} does not tell its version`);
  if (compareVersions(version, request.minVersion) < 0) {
    return none(`${path} is version ${version}, older than ${request.minVersion}`);
  }
  return found({ name: request.name, path, version, source });
}

/** A variable that points nowhere is an error of its own: whoever set it means that very program. */
export function fromVariable(context: ToolContext, request: ToolRequest): StepResult {
  const variable = variableOf(request.name);
  const path = context.env[variable];
  if (path === undefined || path === '') return none(`${variable} is not set`);
  const result = accept(context, request, path, 'variable');
  return result.kind === 'none' ? { kind: 'wrong', reason: `${variable}: ${result.reason}` } : result;
}

export function fromAssets(context: ToolContext, request: ToolRequest): StepResult {
  const dir = context.env['KUBEBUILDER_ASSETS'];
  if (dir === undefined || dir === '') return none('KUBEBUILDER_ASSETS is not set');
  return accept(context, request, join(dir, request.name), 'KUBEBUILDER_ASSETS');
}

export function fromPath(context: ToolContext, request: ToolRequest): StepResult {
  const reasons: string[] = [];
  for (const dir of (context.env['PATH'] ?? '').split(delimiter)) {
    const path = join(dir, request.name);
    if (dir === '' || !existsSync(path)) continue;
    const result = accept(context, request, path, 'PATH');
    if (result.kind === 'found') return result;
    reasons.push(result.reason);
  }
  return none(reasons.length === 0 ? `no ${request.name} on PATH` : reasons.join('; '));
}

export function fromCache(context: ToolContext, request: ToolRequest): StepResult {
  const path = newestCached(context.cacheDir, request);
  if (path === undefined) return none(`no ${request.name} >= ${request.minVersion} in ${context.cacheDir}`);
  return accept(context, request, path, 'cache');
}
