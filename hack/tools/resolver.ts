import { specOf } from './catalog.ts';
import { defaultContext, type StepResult, type Tool, type ToolContext, type ToolRequest } from './context.ts';
import { withLock } from './lock.ts';
import { fromDebian } from './steps/debian.ts';
import { fromGoBuild } from './steps/go-build.ts';
import { fromAssets, fromCache, fromPath, fromVariable, variableOf } from './steps/lookup.ts';
import { fromRelease } from './steps/release.ts';

export interface ResolveOptions {
  /** Overrides the catalog's minimum: kube-apiserver needs a newer etcd than the product does. */
  readonly minVersion?: string;
  readonly context?: ToolContext;
}

/** The oldest etcd that the pinned kube-apiserver works with. */
export const ETCD_FOR_KUBE_APISERVER = '3.5.0';
/** The oldest etcd that the chart brings along. */
export const ETCD_FOR_CHART = '3.6.0';

/** What is there already, in order of preference. */
const LOOKUPS = [
  ['variable', fromVariable],
  ['KUBEBUILDER_ASSETS', fromAssets],
  ['PATH', fromPath],
  ['cache', fromCache],
] as const;

/** How to get what is not there, in order of preference. */
const INSTALLS = [
  ['release', fromRelease],
  ['go build', fromGoBuild],
  ['Debian package', fromDebian],
] as const;

interface Attempt {
  readonly step: string;
  readonly reason: string;
}

type Lookup =
  | { readonly kind: 'found'; readonly tool: Tool }
  | { readonly kind: 'missing' | 'wrong'; readonly attempts: readonly Attempt[] };

function requestOf(context: ToolContext, name: string, options: ResolveOptions): ToolRequest {
  return { name, minVersion: options.minVersion ?? specOf(context.catalog, name).minVersion };
}

function lookUp(context: ToolContext, request: ToolRequest): Lookup {
  const attempts: Attempt[] = [];
  for (const [step, look] of LOOKUPS) {
    const result = look(context, request);
    if (result.kind === 'found') return result;
    attempts.push({ step, reason: result.reason });
    if (result.kind === 'wrong') return { kind: 'wrong', attempts };
  }
  return { kind: 'missing', attempts };
}

/**
 * Finds a tool that is there already; installs nothing.
 *
 * @returns the tool, or the reason why there is none (one line).
 */
export function findTool(name: string, options: ResolveOptions = {}): Tool | string {
  const context = options.context ?? defaultContext();
  const request = requestOf(context, name, options);
  const result = lookUp(context, request);
  if (result.kind === 'found') return result.tool;
  if (result.kind === 'wrong') return result.attempts.at(-1)?.reason ?? '';
  return `${name} >= ${request.minVersion} is missing (make tools installs it, ${variableOf(name)} names your own)`;
}

/**
 * Finds a tool, or else installs it into the cache. Two runs at once install it once.
 *
 * @throws Error that lists what was tried and what would help.
 */
export async function resolveTool(name: string, options: ResolveOptions = {}): Promise<Tool> {
  const context = options.context ?? defaultContext();
  const request = requestOf(context, name, options);
  const existing = lookUp(context, request);
  if (existing.kind === 'found') return existing.tool;
  if (existing.kind === 'wrong') throw new Error(`${name}: ${existing.attempts.at(-1)?.reason}`);
  return await withLock(context, name, async () => {
    const again = lookUp(context, request);
    if (again.kind === 'found') return again.tool;
    const attempts = [...again.attempts];
    for (const [step, get] of INSTALLS) {
      const startedAt = Date.now();
      const result: StepResult = await get(context, request);
      if (result.kind === 'found') {
        context.report(`${name} ${result.tool.version} by ${step} in ${seconds(Date.now() - startedAt)}`);
        return result.tool;
      }
      context.report(`${name}: ${step}: ${result.reason}`);
      attempts.push({ step, reason: result.reason });
    }
    throw new Error(explain(request, attempts));
  });
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function explain(request: ToolRequest, attempts: readonly Attempt[]): string {
  const { name, minVersion } = request;
  return [
    `${name} >= ${minVersion} is missing and could not be installed:`,
    ...attempts.map(({ step, reason }) => `  ${step.padEnd(18)} ${reason}`),
    'Any one of these helps:',
    `  - install ${name} >= ${minVersion} so that it is on PATH, or set ${variableOf(name)}=/path/to/${name}`,
    '  - access to the internet, or to a mirror of the releases named by VIPPOOL_TOOLS_BASE_URL',
    '  - Go >= 1.26 (https://go.dev/dl) with access to a Go module proxy: builds it once, into the cache',
  ].join('\n');
}
