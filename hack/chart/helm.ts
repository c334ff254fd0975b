import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { findTool } from '../tools/resolver.ts';
import { REPOSITORY } from '../source/files.ts';

export const CHART = join(REPOSITORY, 'charts/vippool');

/** Values that make up a working installation, besides the defaults. */
export const WORKING = { agent: { interfaces: ['eth1'] } } as const;

export type Rendered =
  { readonly kind: 'rendered'; readonly text: string } | { readonly kind: 'refused'; readonly message: string };

/** What any object has. */
export interface KubeManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface RenderOptions {
  /** Default "vippool". */
  readonly release?: string;
  /** Default "vippool-system". */
  readonly namespace?: string;
  /** Without what `helm test` and `helm uninstall` make. Default false. */
  readonly skipHooks?: boolean;
}

/** Looked for once: it is asked for its version, which takes longer than a rendering. */
let helm: ReturnType<typeof findTool> | undefined;

/** @throws Error where helm is missing. */
export function runHelm(
  args: readonly string[],
  input = '',
): { readonly code: number; readonly out: string; readonly err: string } {
  helm ??= findTool('helm');
  if (typeof helm === 'string') throw new Error(helm);
  const { status, stdout, stderr } = spawnSync(helm.path, args, { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  return { code: status ?? -1, out: stdout, err: stderr };
}

/** `helm template` with values that are merged into those of the chart. */
export function renderChart(values: object, options: RenderOptions = {}): Rendered {
  const { release = 'vippool', namespace = 'vippool-system', skipHooks = false } = options;
  const args = ['template', release, CHART, '--namespace', namespace, '--values', '-'];
  const { code, out, err } = runHelm([...args, ...(skipHooks ? ['--no-hooks'] : [])], JSON.stringify(values));
  return code === 0 ? { kind: 'rendered', text: out } : { kind: 'refused', message: err };
}

/** The objects of a rendered chart. */
export const objectsIn = (text: string): readonly KubeManifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as KubeManifest | null)
    .filter((object) => object !== null);
